"""What people read about their duties."""

from sapparot.base.text import Text

OFFERED = Text(
    "มีหน้าที่ใหม่สำหรับคุณที่ {place} โปรดเปิดแอปเพื่อรับหรือปฏิเสธ",
    "There is a duty for you at {place}. Open the app to accept or decline it.",
)
REPLACING = Text(
    "อาสาสมัครที่ {place} มาไม่ได้ คุณอยู่ใกล้ที่สุด ช่วยไปแทนได้ไหม โปรดตอบในแอปโดยเร็ว",
    "The volunteer at {place} cannot come and you are the nearest. Can you step in? Please answer in the app soon.",
)
RELEASED = Text(
    "คุณไม่ต้องไปที่ {place} แล้ว มีคนไปแทน ขอบคุณมาก",
    "You need not go to {place} any more; somebody else goes. Thank you.",
)
ENDED = Text(
    "คุณไม่ต้องไปที่ {place} แล้ว ขอบคุณมาก",
    "You need not go to {place} any more. Thank you.",
)
MISSED = Text(
    "เรายังไม่เห็นคุณเช็กอินที่ {place} ถึงแล้วโปรดกด “เช็กอิน” ในแอป ถ้าไปไม่ได้โปรดคืนหน้าที่เพื่อให้คนอื่นไปแทน",
    "We have not seen you check in at {place}. When you are there, press “Check in”; if you cannot go, give the duty back so that"
    " somebody else can.",
)
OFFICIAL = {
    OFFERED: Text(
        "มีหน้าที่ใหม่สำหรับคุณ คือรายงานตัวเลขทางการของ {place} โปรดเปิดแอปเพื่อรับหรือปฏิเสธ",
        "There is a duty for you: to report the official figures of {place}. Open the app to accept or decline it.",
    ),
    REPLACING: Text(
        "คนที่จะรายงานตัวเลขทางการของ {place} ทำไม่ได้แล้ว คุณช่วยทำแทนได้ไหม โปรดตอบในแอปโดยเร็ว",
        "Who was to report the official figures of {place} cannot. Can you do it instead? Please answer in the app soon.",
    ),
    RELEASED: Text(
        "คุณไม่ต้องรายงานตัวเลขทางการของ {place} แล้ว มีคนทำแทน ขอบคุณมาก",
        "You need not report the official figures of {place} any more; somebody else does. Thank you.",
    ),
    ENDED: Text(
        "คุณไม่ต้องรายงานตัวเลขทางการของ {place} แล้ว ขอบคุณมาก",
        "You need not report the official figures of {place} any more. Thank you.",
    ),
}
"""What is said instead about the official figures of a constituency, for which nobody goes to a station."""
