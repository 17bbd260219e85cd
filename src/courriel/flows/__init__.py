"""Operations as generators: what is said to a server, in which order, and what follows."""
