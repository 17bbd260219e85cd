"""Send a letter to everybody in a CSV file, and write what became of each into another.

    MAIL_URL=smtps://ada:secret@mail.example.org \
        python examples/mailing.py ada@example.org people.csv outcome.csv

``people.csv`` has the columns ``address`` and ``name``; the outcome has one more.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterator

from courriel import Email, Misused, Receipt, SMTPSession, Uncertain

Person = dict[str, str]


def letters(sender: str, people: list[Person], asked: list[Person]) -> Iterator[Email]:
    """Write the letters one after the other, while they are sent."""
    for person in people:
        try:
            letter = Email(
                sender=sender,
                to=(person["name"], person["address"]),
                subject="Our new address",
                text=f"Dear {person['name']},\n\nwe have moved.\n",
            )
        except Misused as error:
            person["outcome"] = f"not an address: {error.message}"
            continue
        asked.append(person)
        yield letter


def outcome(receipt: Receipt) -> str:
    match receipt.error:
        case None:
            return "sent"
        case Uncertain():
            return "may have been sent"
        case error:
            return f"{'try again' if error.retryable else 'refused'}: {error.message}"


def main(sender: str, source: str, target: str) -> None:
    with open(source, newline="", encoding="utf-8") as file:
        people: list[Person] = list(csv.DictReader(file))
    asked: list[Person] = []
    with SMTPSession.from_url(os.environ["MAIL_URL"]) as session:
        for number, receipt in enumerate(session.send_many(letters(sender, people, asked))):
            asked[number]["outcome"] = outcome(receipt)
    with open(target, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["address", "name", "outcome"])
        writer.writeheader()
        writer.writerows(people)
    print(f"{sum(person['outcome'] == 'sent' for person in people)} of {len(people)} sent")


if __name__ == "__main__":
    main(*sys.argv[1:])
