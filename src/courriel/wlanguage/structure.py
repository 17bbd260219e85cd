"""The ``Email`` structure: what a message is to a WLanguage program.

Each thread has one, called ``Email`` (see ``state``), which the functions use unless they are
handed another. ``Email()`` makes another: it stands for a variable of the vendor's newer type of
the same name, whose arrays grow by ``Add``.

Only the members live here, with their French names. What is made of them is ``compose``'s
business.
"""

from __future__ import annotations

from os import PathLike
from typing import TypeAlias

from courriel.model.attachment import Attachment
from courriel.model.priority import Priority as PriorityLevel
from courriel.model.priority import Sensitivity as SensitivityLevel
from courriel.wlanguage.arrays import Array
from courriel.wlanguage.members import Alias, ArrayMember, Counter, Member, Structure

__all__ = ["Attached", "EmailStructure"]

Attached: TypeAlias = "str | PathLike[str] | Attachment"


class EmailStructure(Structure):
    """Hold one message: addresses, text, attachments, and what became of it.

    A member that does not exist and a value of the wrong type raise WLanguageError. The arrays
    are counted from 1; a counter follows its array until the program sets it, from then on only
    so many elements count. ``EmailReset`` gives all members their defaults again.
    """

    Sender = Member(str, "")
    """The sender's name, address, or both: ``Ada``, ``<ada@example.org>``, ``Ada <…>``."""
    SenderAddress = Member(str, "")
    """The sender's address, for From and for the envelope; blank: the one in Sender."""
    Recipient = ArrayMember[str]((str,), "")
    """The addresses of the recipients."""
    NbRecipient = Counter("Recipient")
    """How many recipients count."""
    Cc = ArrayMember[str]((str,), "")
    """The addresses that get a copy, visible to all (the vendor's page says hidden; a slip)."""
    NbCc = Counter("Cc")
    """How many of them count."""
    Bcc = ArrayMember[str]((str,), "")
    """The addresses that get a copy and appear in no message."""
    NbBcc = Counter("Bcc")
    """How many of them count."""
    ReplyTo = Member(str, "")
    """The address for answers, where it is not the sender's."""
    Subject = Member(str, "")
    """The subject."""
    Message = Member(str, "")
    """The text; lines may end in CR LF, as in WLanguage, or LF."""
    HTML = Member(str, "")
    """The HTML version, blank for none."""
    Attach = ArrayMember["Attached"]((str, PathLike, Attachment), "")
    """The names of the attached files; ours also takes ``courriel.Attachment``."""
    NbAttach = Counter("Attach")
    """How many of them count."""
    Priority = Member(PriorityLevel, PriorityLevel.NORMAL)
    """emailLowPriority, emailNormalPriority or emailHighPriority."""
    Sensitivity = Member(SensitivityLevel, SensitivityLevel.NORMAL)
    """emailNormal, emailPersonal, emailPrivate or emailCompanyConfidential."""
    DispositionNotification = Member(bool, False)
    """Whether the recipient is asked to confirm that he read it. Goes before AccuséRéception."""
    AccuséRéception = Member(bool, False)
    """Whether a delivery receipt is asked for. The English name is not known."""
    MessageID = Member(str, "")
    """The Message-ID to use with emailOptionMessageID."""
    Reference = Member(str, "")
    """The Message-IDs that this answers, blanks between, for emailOptionReference."""
    Source = Member(str, "")
    """The complete MIME text, filled by EmailBuildSource."""
    MailIdentifier = Member(int, 0)
    """The number of the last message sent from here, unique in the program."""
    Error = Member(str, "")
    """The text of the last error, blank after a success."""

    Expéditeur = Alias[str]("Sender")
    AdresseExpéditeur = Alias[str]("SenderAddress")
    Destinataire = Alias[Array[str]]("Recipient")
    NbDestinataire = Alias[int]("NbRecipient")
    Cci = Alias[Array[str]]("Bcc")
    NbCci = Alias[int]("NbBcc")
    AdresseRéponse = Alias[str]("ReplyTo")
    Sujet = Alias[str]("Subject")
    Attache = Alias["Array[Attached]"]("Attach")
    NbAttache = Alias[int]("NbAttach")
    Priorité = Alias[PriorityLevel]("Priority")
    Sensibilité = Alias[SensitivityLevel]("Sensitivity")
    Référence = Alias[str]("Reference")
    IdentifiantMail = Alias[int]("MailIdentifier")
    Erreur = Alias[str]("Error")

    def reset(self) -> None:
        """Give every member its default again."""
        self.__dict__.clear()

    def __call__(self) -> EmailStructure:
        """Make another structure, as ``Mail is Email`` does in WLanguage."""
        return EmailStructure()

    def __repr__(self) -> str:
        return f"<Email from {self.Sender or self.SenderAddress!r} to {self.Recipient!r}>"
