"""What can go wrong with the device of a person."""

from sapparot.base.problems import kind

TRAINING_FIRST = kind(
    "people.training_first",
    403,
    th="โปรดทำแบบทดสอบสั้น ๆ ให้ผ่านก่อน แล้วจึงลงทะเบียนเครื่องได้",
    en="Pass the training first",
)
DEVICES_FULL = kind(
    "people.devices_full",
    409,
    th="คุณมีเครื่องครบจำนวนแล้ว โปรดเพิกถอนเครื่องที่ไม่ใช้ก่อน",
    en="You have all the devices that you may; revoke one",
)
DEVICE_TAKEN = kind(
    "people.device_taken",
    409,
    th="กุญแจนี้เป็นของเครื่องอื่นอยู่แล้ว โปรดสร้างกุญแจใหม่",
    en="This key belongs to another device; make a new one",
)
DEVICE_UNKNOWN = kind("people.device_unknown", 404, th="ไม่พบเครื่องนี้ของคุณ", en="You have no such device")
