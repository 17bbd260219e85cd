"""The only place that knows sockets, TLS, threads and loops."""
