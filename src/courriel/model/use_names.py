"""Know the names that mail programs give to folders of a special use, in many languages.

What is in front of a use's list is the better guess, when an account has several.

Only the names live here, in lower case; ``uses`` compares.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["NAMES"]

NAMES: Mapping[str, str] = {
    "sent": (
        "sent|sent items|sent messages|sent mail|sent-mail|sent_mail|sent mails|sentbox"
        "|gesendet|gesendete elemente|gesendete objekte|gesendete nachrichten"
        "|gesendete e-mails|envoyés|envoyé|éléments envoyés|messages envoyés|courrier envoyé"
        "|mails envoyés|objets envoyés|enviados|elementos enviados|mensajes enviados"
        "|correo enviado|correos enviados|itens enviados|mensagens enviadas|e-mails enviados"
        "|enviadas|elements enviats|enviats|inviati|posta inviata|elementi inviati"
        "|messaggi inviati|inviata|verzonden|verzonden items|verzonden berichten"
        "|verzonden objecten|sendt|sendt post|sendte elementer|sendte meddelelser"
        "|sendte beskeder|sendte|skickat|skickade|skickade objekt|skickade meddelanden"
        "|skickad post|lähetetyt|lähetetyt viestit|lähetetyt kohteet|sendir hlutir|saadetud"
        "|saadetud kirjad|wysłane|elementy wysłane|wiadomości wysłane|odeslané|odeslaná pošta"
        "|odeslané zprávy|odoslané|odoslaná pošta|odoslané správy|elküldött|elküldött elemek"
        "|elküldött üzenetek|trimise|elemente trimise|mesaje trimise|poslano|poslana pošta"
        "|poslani elementi|poslane stavke|poslato|nosūtītie|nosūtītās vienības|išsiųsti"
        "|išsiųsti laiškai|išsiųsta|отправленные|отправленные элементы|отправленные письма"
        "|надіслані|відправлені|изпратени|изпратени елементи|послато|послани|απεσταλμένα"
        "|σταλμένα|απεσταλμένα στοιχεία|gönderilmiş|gönderilmiş öğeler|gönderilmiş postalar"
        "|gönderilenler|gönderilen|bidalitakoak|已发送|已发送邮件|已傳送|寄件備份|寄件备份"
        "|已寄郵件|已傳送的郵件|送信済み|送信済みアイテム|送信済みメール|送信箱|보낸 편지함"
        "|보낸편지함|보낸메일함|보낸 메일함|đã gửi|thư đã gửi|mục đã gửi|terkirim"
        "|item terkirim|surat terkirim|ส่งแล้ว|รายการที่ถูกส่ง|จดหมายที่ส่ง|المرسلة|المرسل"
        "|العناصر المرسلة|البريد المرسل|נשלח|דואר שנשלח|פריטים שנשלחו|فرستاده شده|ارسال شده"
        "|भेजे गए|भेजी गई|dihantar"
    ),
    "drafts": (
        "drafts|draft|draft messages|entwürfe|entwurf|brouillons|brouillon|borradores"
        "|borrador|esborranys|rascunhos|rascunho|bozze|bozza|concepten|concept|kladder|udkast"
        "|utkast|luonnokset|luonnos|drög|mustandid|kopie robocze|szkice|wersje robocze"
        "|robocze|koncepty|rozepsané|rozpísané|piszkozatok|vázlatok|ciorne|schițe|osnutki"
        "|skice|nacrti|melnraksti|juodraščiai|черновики|чернетки|чернови|нацрти|πρόχειρα"
        "|προσχέδια|taslaklar|taslak|zirriborroak|草稿|草稿箱|草稿夾|草稿匣|下書き"
        "|임시 보관함|임시보관함|thư nháp|nháp|bản nháp|draf|konsep|ร่างจดหมาย|แบบร่าง|ร่าง"
        "|المسودات|مسودات|טיוטות|پیش‌نویس‌ها|پیش نویس ها|ड्राफ़्ट|ड्राफ्ट"
    ),
    "trash": (
        "trash|deleted items|deleted messages|deleted|deleted mail|bin|rubbish|wastebasket"
        "|recycle bin|papierkorb|gelöscht|gelöschte elemente|gelöschte objekte"
        "|gelöschte nachrichten|corbeille|éléments supprimés|messages supprimés|poubelle"
        "|supprimés|papelera|papelera de reciclaje|elementos eliminados|eliminados|paperera"
        "|elements suprimits|lixeira|itens excluídos|itens eliminados|mensagens excluídas"
        "|reciclagem|cestino|posta eliminata|elementi eliminati|cancellati|eliminata"
        "|prullenbak|prullenmand|verwijderde items|verwijderd|verwijderde berichten|papirkurv"
        "|slettet post|slettede elementer|slettede beskeder|søppel|papperskorgen|papperskorg"
        "|borttagna objekt|borttaget|roskakori|poistetut|poistetut kohteet|rusl|eyddir hlutir"
        "|prügikast|kosz|elementy usunięte|usunięte|koš|odstraněná pošta|smazané|kôš"
        "|odstránená pošta|kuka|lomtár|törölt elemek|coș|coș de gunoi|gunoi|elemente șterse"
        "|smeti|koš za smeti|smeće|otpad|izbrisano|izbrisane stavke|atkritne|dzēstie vienumi"
        "|šiukšlinė|šiukšliadėžė|корзина|удаленные|удалённые|удаленные элементы|кошик"
        "|видалені|кошче|изтрити|смеће|отпад|κάδος|κάδος απορριμμάτων|απορρίμματα|διαγραμμένα"
        "|çöp kutusu|çöp|silinmiş öğeler|silinmiş|zakarrontzia|已删除|已删除邮件|废件箱"
        "|垃圾桶|刪除的郵件|已刪除的郵件|回收筒|ゴミ箱|ごみ箱|削除済みアイテム|휴지통"
        "|지운 편지함|지운편지함|thùng rác|đã xóa|sampah|tong sampah|item terhapus|ถังขยะ"
        "|รายการที่ถูกลบ|المهملات|سلة المهملات|العناصر المحذوفة|المحذوفة|אשפה|פריטים שנמחקו"
        "|زباله‌دان|سطل زباله|ट्रैश|रद्दी"
    ),
    "junk": (
        "junk|spam|junk e-mail|junk email|junk mail|bulk mail|bulk|spambox|spam mail"
        "|spamverdacht|unerwünscht|unerwünschte werbung|junk-e-mail|indésirables"
        "|courrier indésirable|pourriel|pourriels|messages indésirables|correo no deseado"
        "|no deseado|correo basura|basura|correu brossa|brossa|lixo eletrônico"
        "|lixo eletrónico|lixo electrónico|posta indesiderata|indesiderata|ongewenst"
        "|ongewenste e-mail|ongewenste reclame|uønsket|uønsket e-mail|uønsket e-post"
        "|søppelpost|useriøs e-post|skräppost|roskaposti|ruslpóstur|rämpspost"
        "|wiadomości-śmieci|wiadomości śmieci|niechciane|nevyžádaná pošta|nevyžiadaná pošta"
        "|nevyžiadané|levélszemét|szemét|kéretlen|spamuri|nedorite|mesaje nedorite"
        "|neželena pošta|vsiljena pošta|neželjena pošta|mēstules|brukalas"
        "|nepageidaujami laiškai|спам|нежелательная почта|небажана пошта|нежелана поща"
        "|непожељна пошта|нежељена пошта|ανεπιθύμητα|ανεπιθύμητη αλληλογραφία|istenmeyen"
        "|istenmeyen posta|gereksiz|gereksiz e-posta|垃圾邮件|垃圾箱|垃圾郵件|垃圾信件匣"
        "|广告邮件|迷惑メール|スパム|스팸|스팸편지함|스팸 메일함|정크 메일|thư rác|email rác"
        "|sampah elektronik|จดหมายขยะ|อีเมลขยะ|สแปม|البريد العشوائي|بريد عشوائي"
        "|البريد غير الهام|דואר זבל|זבל|ספאם|هرزنامه|स्पैम"
    ),
    "archive": (
        "archive|archives|archived|archived mail|all archives|archiv|archivé|archivio|archivo"
        "|archivados|arxiu|arquivo|arquivos|arquivo morto|arquivados|archief|arkiv|arkisto"
        "|arkistoi|skjalasafn|arhiiv|archiwum|archív|archívum|arhivă|arhiva|arhiv|arhīvs"
        "|arhīvi|archyvas|архив|архів|архива|αρχείο|αρχειοθήκη|arşiv|artxiboa|存档|归档|封存"
        "|典藏|アーカイブ|보관함|보관|lưu trữ|arsip|arkib|ที่เก็บถาวร|เก็บถาวร|الأرشيف|أرشيف"
        "|ארכיון|بایگانی|संग्रह"
    ),
    "all": (
        "all mail|all messages|alle nachrichten|tous les messages|todos|todos los mensajes"
        "|todo el correo|todos os e-mails|tutti i messaggi|alle e-mails|alle berichten"
        "|wszystkie|вся почта|所有邮件|所有郵件|すべてのメール|전체보관함|tüm postalar"
    ),
    "flagged": (
        "starred|flagged|markiert|suivis|messages suivis|destacados|com estrela|speciali"
        "|met ster|oznaczone gwiazdką|помеченные|已加星标|已加星號|スター付き|별표편지함"
        "|yıldızlı"
    ),
    "important": (
        "important|wichtig|importants|importantes|importanti|belangrijk|ważne|важное|重要|重要邮件"
    ),
}
"""Names by use, with a bar between them."""
