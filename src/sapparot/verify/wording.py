"""The words of the rules: for each rule what must hold, the sentence when it passed, the sentence when it failed; (Thai, English).

`{name}` stands for a value of the finding. Where a value is a code, WORDS says it in words.
"""

Pair = tuple[str, str]

RULES: dict[str, tuple[Pair, Pair, Pair]] = {
    "entry_is_readable": (
        ("รายการต้องอ่านได้ตามชนิดที่บอกไว้", "An entry is what its kind says"),
        ("อ่านรายการชนิด {kind} ได้", "The {kind} entry can be read"),
        ("รายการชนิด {kind} อ่านไม่ได้: {problem}", "The {kind} entry cannot be read: {problem}"),
    ),
    "signature_holds": (
        ("ต้องลงนามด้วยกุญแจที่อ้าง", "A statement is signed by the key it names"),
        ("ลายมือชื่อดิจิทัลถูกต้อง", "The signature is genuine"),
        ("ลายมือชื่อดิจิทัลไม่ถูกต้อง จึงไม่นับ", "The signature is not genuine; it does not count"),
    ),
    "enrolment_is_authentic": (
        ("เครื่องต้องลงทะเบียนหรือถูกเพิกถอนโดยเครือข่ายของตนเอง", "A device is enrolled and revoked by its own network"),
        ("ทะเบียนของเครื่อง {device} ถูกต้อง", "The record of device {device} is in order"),
        ("ทะเบียนของเครื่อง {device} ใช้ไม่ได้: {reason}", "The record of device {device} is void: {reason}"),
    ),
    "device_is_enrolled": (
        ("ต้องมาจากเครื่องที่ลงทะเบียนและยังใช้ได้", "A statement comes from a device that is enrolled"),
        ("เครื่องลงทะเบียนกับเครือข่าย {network}", "The device is enrolled with network {network}"),
        ("เครื่อง {device} {reason} จึงไม่นับ", "Device {device} {reason}; its statement does not count"),
    ),
    "election_is_ours": (
        ("ต้องเป็นการเลือกตั้งที่บันทึกสาธารณะนี้นับ", "A report is about the election that is counted here"),
        ("เป็นรายงานของการเลือกตั้ง {election}", "The report is about {election}"),
        ("รายงานเป็นของการเลือกตั้งอื่น ({election})", "The report is about another election ({election})"),
    ),
    "sheet_is_known": (
        ("ใบคะแนนต้องมีอยู่จริง", "A report is about a sheet that exists"),
        ("มีใบคะแนน {sheet}", "Sheet {sheet} exists"),
        ("ไม่มีใบคะแนน {sheet}", "There is no sheet {sheet}"),
    ),
    "stage_is_allowed": (
        ("เครื่องรายงานได้เฉพาะขั้นที่ระดับของตนอนุญาต", "A device makes only statements that its level allows"),
        ("ระดับ {level} รายงานขั้น {stage} ได้", "Level {level} may report {stage}"),
        (
            "ระดับ {level} รายงานขั้น {stage} ไม่ได้ (ต้องระดับ {needed})",
            "Level {level} may not report {stage} (level {needed} may)",
        ),
    ),
    "official_from_own_area": (
        (
            "หัวหน้าเขตแจ้งตัวเลขทางการได้เฉพาะเขตของตน",
            "A head reports the authority's figures of its own area",
        ),
        ("{sheet} อยู่ในเขตของผู้แจ้ง", "{sheet} lies in the area of the head"),
        (
            "{sheet} อยู่นอกเขตของผู้แจ้ง ตัวเลขทางการฉบับนี้จึงไม่นับ",
            "{sheet} lies outside the area of the head; these official figures do not count",
        ),
    ),
    "report_is_new": (
        ("รายงานแต่ละฉบับมีรหัสของตัวเอง", "Every report has an id of its own"),
        ("รหัสรายงานไม่ซ้ำ", "The id was not used before"),
        ("เครื่องนี้ใช้รหัสรายงานนี้แล้ว", "The device has used this id before"),
    ),
    "reading_is_blind": (
        (
            "ผู้อ่านภาพต้องไม่ใช่ผู้รายงาน และภาพต้องเป็นของหน่วยนี้",
            "A reading is of a photograph of this station, by somebody else",
        ),
        ("อ่านจากภาพของหน่วยนี้โดยผู้อื่น", "Read from a photograph of this station by somebody else"),
        (
            "ภาพเป็นของหน่วยอื่น หรือผู้อ่านเป็นผู้รายงานเอง",
            "The photograph is of another station, or the reader reported the figures",
        ),
    ),
    "device_has_room": (
        (
            "โทรศัพท์ของอาสาสมัครหนึ่งเครื่องรายงานได้จำกัดจำนวนหน่วย",
            "One volunteer's phone reports about a limited number of stations",
        ),
        ("เครื่องนี้รายงานไม่เกิน {stations} หน่วย", "The device reports about no more than {stations} stations"),
        (
            "เครื่องนี้รายงานครบ {stations} หน่วยแล้ว หน่วยอื่นที่รายงานเพิ่มจึงไม่นับ",
            "The device has reported about {stations} stations; what it says of others does not count",
        ),
    ),
    "group_has_room": (
        ("กลุ่มหนึ่งให้ข้อมูลต่อใบคะแนนได้จำกัด", "One group makes a limited number of claims about a sheet"),
        ("กลุ่มนี้ให้ข้อมูลแล้ว {claims} จาก {room} ครั้ง", "The group has made {claims} of {room} claims"),
        (
            "กลุ่มหรือเครื่องนี้ให้ข้อมูลครบตามจำนวนแล้ว (กลุ่มละ {room} ครั้ง) จึงไม่นับเพิ่ม",
            "The group or this device has made all its claims ({room} of a group); this one does not count",
        ),
    ),
    "decision_is_allowed": (
        ("คำวินิจฉัยต้องมีตัวเลขและผู้ลงนามครบจำนวน", "A decision has figures and the signatures of enough people"),
        ("ผู้วินิจฉัย {people} คน จากที่ต้องมี {needed} คน", "{people} people decided, {needed} are needed"),
        (
            "คำวินิจฉัยใช้ไม่ได้: {reason} (ผู้วินิจฉัย {people} คน ต้องมี {needed} คน)",
            "The decision is void: {reason} ({people} people decided, {needed} are needed)",
        ),
    ),
    "numbers_are_plausible": (
        ("ตัวเลขต้องไม่ติดลบและไม่เกินจริง", "No number is negative or larger than any station could have"),
        ("ทุกตัวเลขอยู่ระหว่าง 0 ถึง {largest}", "All numbers lie between 0 and {largest}"),
        ("ตัวเลขเป็นไปไม่ได้: {number}", "An impossible number: {number}"),
    ),
    "options_stand": (
        ("คะแนนต้องเป็นของเบอร์ที่ลงสมัคร", "Votes go only to numbers that stand"),
        ("ทุกเบอร์อยู่ใน {options} เบอร์ที่ลงสมัคร", "All numbers are among the {options} that stand"),
        (
            "ไม่มีเบอร์ {option} ในบัตรนี้ (ผิดทั้งหมด {strange} เบอร์)",
            "No option {option} stands here ({strange} such numbers)",
        ),
    ),
    "votes_sum_to_valid": (
        ("คะแนนรวมทุกเบอร์เท่ากับบัตรดี", "The votes of all options add up to the valid ballots"),
        ("คะแนนรวม {total} เท่ากับบัตรดี {valid}", "{total} votes add up to {valid} valid ballots"),
        ("คะแนนรวมได้ {total} แต่บัตรดีมี {valid}", "The votes add up to {total}, but {valid} ballots are valid"),
    ),
    "ballots_add_up": (
        (
            "บัตรดี บัตรเสีย และบัตรไม่เลือกผู้ใด รวมกันเท่ากับผู้มาใช้สิทธิ",
            "Valid, spoiled and no-vote together are the ballots cast",
        ),
        ("รวมได้ {total} บัตร เท่ากับผู้มาใช้สิทธิ {cast}", "All {total} ballots are accounted for ({cast} cast)"),
        ("รวมได้ {total} บัตร แต่ผู้มาใช้สิทธิ {cast}", "{total} ballots are accounted for, {cast} were cast"),
    ),
    "cast_within_eligible": (
        ("ผู้มาใช้สิทธิไม่เกินผู้มีสิทธิ", "Not more ballots than eligible voters"),
        ("ผู้มาใช้สิทธิ {cast} จากผู้มีสิทธิ {eligible}", "{cast} of {eligible} eligible voters came"),
        ("ผู้มาใช้สิทธิ {cast} เกินผู้มีสิทธิ {eligible}", "{cast} ballots, but only {eligible} are eligible"),
    ),
    "complete_reaches_turnout": (
        ("ใบคะแนนที่บอกว่านับครบต้องใกล้เคียงผู้มาใช้สิทธิ", "A complete sheet accounts for nearly all who voted"),
        ("นับแล้ว {counted} จาก {turnout} บัตร", "{counted} of {turnout} ballots are counted"),
        ("นับแล้ว {counted} จาก {turnout} บัตร จึงยังไม่ครบ", "{counted} of {turnout} ballots are counted: not complete"),
    ),
    "same_turnout_on_both_ballots": (
        ("บัตรสองใบของหน่วยเดียวกันมีผู้มาใช้สิทธิเท่ากัน", "Both ballots of a station show the same turnout"),
        ("ผู้มาใช้สิทธิ {cast} อีกบัตรหนึ่ง {other}", "{cast} came, {other} on the other ballot"),
        ("ผู้มาใช้สิทธิ {cast} แต่อีกบัตรหนึ่ง {other}", "{cast} came, but {other} on the other ballot"),
    ),
    "official_matches_ours": (
        ("ตัวเลขทางการตามที่มีผู้แจ้งตรงกับที่เรานับ", "What is reported as official is what we count"),
        ("ตรงกันทุกตัวเลข รวม {total} คะแนน", "All figures agree, {total} votes in all"),
        (
            "ต่างกัน {differing} ตัวเลข มากที่สุดที่ {figure}: มีผู้แจ้งตัวเลขทางการ {official} เรานับได้ {ours}",
            "{differing} figures differ, most of all {figure}: {official} reported as official, ours {ours}",
        ),
    ),
    "officials_agree": (
        ("ตัวเลขทางการต้องมีกลุ่มอิสระแจ้งตรงกันอย่างน้อยสองกลุ่ม", "Independent groups report the same official figures"),
        ("กลุ่มอิสระ {groups} กลุ่มแจ้งตัวเลขทางการตรงกัน", "{groups} independent groups report the same official figures"),
        (
            "แจ้งตัวเลขทางการไม่ตรงกับอีก {groups} กลุ่ม มากที่สุดที่ {figure}: ฉบับนี้ {here} อีกฝ่าย {there}",
            "Other independent groups ({groups}) report other official figures, most of all {figure}: {here} here, {there} there",
        ),
    ),
    "progress_never_falls": (
        ("คะแนนระหว่างนับไม่ลดลง", "A count that goes on only grows"),
        ("คะแนนไม่ลดลง รวม {now}", "No option lost votes; {now} in all"),
        ("เบอร์ {option} ลดจาก {before} เหลือ {now}", "Option {option} fell from {before} to {now}"),
    ),
    "final_not_below_progress": (
        ("ผลสุดท้ายไม่น้อยกว่าคะแนนระหว่างนับ", "A final has at least the votes of the last progress"),
        ("ไม่น้อยกว่าคะแนนระหว่างนับ รวม {now}", "Nothing fell since the last progress; {now} in all"),
        (
            "เบอร์ {option} ระหว่างนับได้ {before} แต่ผลสุดท้าย {now}",
            "Option {option} had {before} in progress, but {now} in the final",
        ),
    ),
    "device_keeps_its_word": (
        ("เครื่องที่แก้ผลสุดท้ายต้องบอกว่าแก้ฉบับใด", "A device that changes its final says so"),
        ("ผลสุดท้าย {finals} ฉบับของเครื่องนี้ตรงกัน", "The {finals} finals of this device agree"),
        ("ผลสุดท้าย {finals} ฉบับของเครื่องนี้ขัดกันเอง", "The {finals} finals of this device contradict each other"),
    ),
    "replaces_own_report": (
        ("แทนที่ได้เฉพาะรายงานของเครื่องตนเอง", "A report replaces only reports of its own device"),
        ("แทนที่รายงานก่อนหน้าของเครื่องนี้", "It replaces an earlier report of this device"),
        ("อ้างว่าแทนที่รายงานของเครื่องอื่น จึงไม่แทนที่", "It names another device's report, which stays"),
    ),
    "counted_after_closing": (
        ("นับคะแนนหลังปิดหีบ", "Counting begins when voting has ended"),
        ("ได้รับหลังปิดหีบ {minutes} นาที", "Received {minutes} minutes after closing"),
        ("ได้รับก่อนปิดหีบ {minutes} นาที", "Received {minutes} minutes before closing"),
    ),
    "observed_after_closing": (
        ("เวลาที่เครื่องบอกต้องหลังปิดหีบ", "The phone's time is after closing"),
        ("เครื่องบอกเวลาหลังปิดหีบ {minutes} นาที", "The phone says {minutes} minutes after closing"),
        ("เครื่องบอกเวลาก่อนปิดหีบ {minutes} นาที", "The phone says {minutes} minutes before closing"),
    ),
    "paper_takes_time": (
        ("นับเร็วกว่าการอ่านบัตรไม่ได้", "No station counts faster than paper can be read"),
        ("{ballots} บัตรใน {minutes} นาที", "{ballots} ballots in {minutes} minutes"),
        (
            "{ballots} บัตรใน {minutes} นาที เร็วเกินกว่าจะอ่านได้",
            "{ballots} ballots in {minutes} minutes: faster than paper can be read",
        ),
    ),
    "clock_not_ahead": (
        ("เวลาของเครื่องต้องไม่ล้ำหน้า", "Nothing is observed later than it is received"),
        ("ส่งถึงหลังจากเห็น {minutes} นาที", "It arrived {minutes} minutes after it was seen"),
        ("นาฬิกาของเครื่องเร็วไป {minutes} นาที", "The phone's clock is {minutes} minutes ahead"),
    ),
    "turnout_like_neighbours": (
        ("ผู้มาใช้สิทธิใกล้เคียงหน่วยข้างเคียง", "Turnout is in line with the neighbouring stations"),
        (
            "ผู้มาใช้สิทธิ {value} ต่อพัน หน่วยข้างเคียง {neighbours} หน่วย {median} ต่อพัน",
            "Turnout {value} per thousand; {neighbours} neighbours {median}",
        ),
        (
            "ผู้มาใช้สิทธิ {value} ต่อพัน ต่างจากหน่วยข้างเคียง {neighbours} หน่วยมาก ({median} ต่อพัน)",
            "Turnout {value} per thousand, far from {neighbours} neighbours ({median})",
        ),
    ),
    "leader_like_neighbours": (
        ("คะแนนผู้นำใกล้เคียงหน่วยข้างเคียง", "The leader's share is in line with the neighbouring stations"),
        (
            "ผู้นำได้ {value} ต่อพัน หน่วยข้างเคียง {neighbours} หน่วย {median} ต่อพัน",
            "The leader has {value} per thousand; {neighbours} neighbours {median}",
        ),
        (
            "ผู้นำได้ {value} ต่อพัน ต่างจากหน่วยข้างเคียง {neighbours} หน่วยมาก ({median} ต่อพัน)",
            "The leader has {value} per thousand, far from {neighbours} neighbours ({median})",
        ),
    ),
    "leader_like_other_ballot": (
        ("คะแนนสองบัตรต่างกันพอ ๆ กับหน่วยข้างเคียง", "The ballots differ as they do in the neighbouring stations"),
        (
            "ต่างจากอีกบัตร {value} ต่อพัน หน่วยข้างเคียง {neighbours} หน่วย {median} ต่อพัน",
            "{value} per thousand apart from the other ballot; {neighbours} neighbours {median}",
        ),
        (
            "ต่างจากอีกบัตร {value} ต่อพัน แต่หน่วยข้างเคียง {neighbours} หน่วย {median} ต่อพัน",
            "{value} per thousand apart from the other ballot, but {neighbours} neighbours only {median}",
        ),
    ),
    "rows_not_shifted": (
        ("ไม่กรอกคะแนนเลื่อนแถว", "No row of the form was skipped"),
        ("คะแนนตรงแถว", "The votes stand in their rows"),
        (
            "คะแนนเหมือนเลื่อน{direction}หนึ่งแถว (ตรง {fits} ต่อพัน ถ้าเลื่อนกลับตรง {shifted} ต่อพัน)",
            "The votes seem to stand one row too far {direction} ({fits} per thousand fit, {shifted} when moved back)",
        ),
    ),
    "figures_not_copied": (
        ("สองหน่วยไม่มีตัวเลขเหมือนกันทั้งหมด", "Two stations do not have the same figures throughout"),
        ("ไม่มีหน่วยอื่นที่ตัวเลขเหมือนกันทั้งหมด", "No other station has these figures"),
        ("ตัวเลขเหมือนหน่วย {station} ทั้งหมด", "All figures are those of station {station}"),
    ),
    "photograph_not_copied": (
        ("ภาพหนึ่งเป็นของหน่วยเดียว", "A photograph shows one station"),
        ("ไม่มีหน่วยอื่นใช้ภาพเดียวกัน", "No other station has this photograph"),
        ("ภาพเดียวกันใช้ที่หน่วย {station} แล้ว", "Station {station} has the same photograph"),
    ),
    "device_near_station": (
        ("ผู้รายงานอยู่ที่หน่วย", "Who reports from a station is there"),
        ("เครื่องอยู่ห่างหน่วยราว {km} กม.", "The device is about {km} km from the station"),
        ("เครื่องอยู่ห่างหน่วยถึง {km} กม.", "The device is {km} km away from the station"),
    ),
    "device_at_one_place": (
        ("เครื่องเดียวไม่รายงานสองหน่วยที่ไกลกัน", "One device does not report from two stations far apart"),
        ("ห่างจากหน่วยแรกของเครื่องราว {km} กม.", "{km} km from the first station of this device"),
        (
            "เครื่องนี้รายงานหน่วย {station} ที่ห่างไป {km} กม. ด้วย",
            "The device also reports from station {station}, {km} km away",
        ),
    ),
    "duty_matches": (
        ("ผู้รายงานมีหน้าที่ประจำหน่วยนี้", "Who reports from a station has a duty there"),
        ("ผู้รายงานมีหน้าที่ประจำหน่วยนี้", "The reporter has a duty at this station"),
        ("ผู้รายงานมีหน้าที่ประจำหน่วย {station} ไม่ใช่หน่วยนี้", "The reporter's duty is at station {station}, not here"),
    ),
}

WORDS: dict[tuple[str, str], Pair] = {
    ("missing", "areas"): ("เขตของผู้แจ้งในทะเบียน", "the area of the head in the register"),
    ("missing", "ballots_cast"): ("จำนวนผู้มาใช้สิทธิ", "the number of ballots cast"),
    ("missing", "device"): ("ทะเบียนของเครื่อง", "the record of the device"),
    ("missing", "duty"): ("ข้อมูลหน้าที่", "the reporter's duty"),
    ("missing", "election"): ("ข้อมูลการเลือกตั้ง", "the definition of the election"),
    ("missing", "eligible"): ("จำนวนผู้มีสิทธิ", "the number of eligible voters"),
    ("missing", "neighbours"): ("ผลของหน่วยข้างเคียงมากพอ", "the figures of enough neighbouring stations"),
    ("missing", "no_vote"): ("จำนวนบัตรไม่เลือกผู้ใด", "the number of no-vote ballots"),
    ("missing", "observed_at"): ("เวลาที่เครื่องบอก", "the phone's time"),
    ("missing", "other_ballot"): ("ผลของอีกบัตรหนึ่ง", "the other ballot's sheet"),
    ("missing", "ours"): ("ผลที่เรานับของหน่วยนี้", "our own count of this sheet"),
    ("missing", "photograph"): ("ภาพถ่ายที่เทียบได้", "a photograph to compare"),
    ("missing", "place"): ("ตำแหน่งของเครื่อง", "the place of the device"),
    ("missing", "received_at"): ("เวลารับรายงานหรือเวลาปิดหีบ", "the time of receipt or of closing"),
    ("missing", "replaced"): ("รายงานที่ถูกแทนที่", "the report that it replaces"),
    ("missing", "sheet"): ("ชื่อใบคะแนน", "the name of the sheet"),
    ("missing", "second_group"): (
        "กลุ่มอิสระอื่นที่แจ้งตัวเลขทางการ",
        "a second independent group that reports official figures",
    ),
    ("missing", "signature"): ("การตรวจลายมือชื่อในรอบนี้", "a check of the signature in this run"),
    ("missing", "spoiled"): ("จำนวนบัตรเสีย", "the number of spoiled ballots"),
    ("missing", "stage"): ("ขั้นของรายงาน", "the stage of the report"),
    ("missing", "station_place"): ("พิกัดของหน่วย", "the place of the station"),
    ("missing", "stations"): ("ผลของหน่วยอื่นที่เทียบได้", "the record of the other stations"),
    ("missing", "valid"): ("จำนวนบัตรดี", "the number of valid ballots"),
    ("missing", "votes"): ("คะแนนของบางเบอร์", "the votes of some options"),
    ("problem", "crowded"): ("มีส่วนซ้อนหรือส่วนย่อยมากเกินไป", "it has too many parts"),
    ("problem", "members"): ("ขาดข้อมูลที่ต้องมี หรือข้อมูลผิดชนิด", "a member is missing or of another type"),
    ("problem", "received_at"): ("ไม่มีเวลารับ", "the time of receipt is missing"),
    ("problem", "words"): ("ลายมือชื่อไม่ได้ลงไว้ใต้ข้อความเดียวกัน", "its signatures do not stand under the same words"),
    ("problem", "header"): ("ส่วนหัวของลายมือชื่อไม่มีหรือยาวเกินไป", "the header of its signature is missing or too long"),
    ("problem", "jws"): ("รูปแบบลายมือชื่อใช้ไม่ได้", "its signature has no form that we read"),
    ("problem", "typ"): ("ลงนามไว้สำหรับเรื่องอื่น", "it was signed as something else"),
    ("problem", "key"): ("กุญแจใช้ไม่ได้", "its key cannot be used"),
    ("problem", "definition"): ("ขัดกับที่กำหนดไว้ก่อน", "it contradicts what was defined before"),
    ("direction", "down"): ("ลง", "down"),
    ("direction", "up"): ("ขึ้น", "up"),
    ("reason", "expired"): ("อยู่นอกช่วงเวลาที่ลงทะเบียน", "is outside of its time of enrolment"),
    ("reason", "revoked"): ("ถูกเพิกถอนแล้ว", "was revoked"),
    ("reason", "unknown"): ("ไม่ได้ลงทะเบียน", "is not enrolled"),
    ("reason", "network"): ("ไม่รู้จักเครือข่ายหรือกุญแจของเครือข่าย", "its network or the network's key is not known"),
    ("reason", "taken"): ("เครื่องลงทะเบียนกับเครือข่ายอื่นแล้ว", "the device is enrolled with another network"),
    ("reason", "groups"): ("ผู้วินิจฉัยมาจากกลุ่มเดียวกันมากเกินไป", "its people come from too few independent groups"),
    ("reason", "key"): ("กุญแจไม่ตรงกับชื่อเครื่อง", "the key is not the one that the device is named after"),
    ("reason", "same"): (
        "เครื่องแรกของเจ้าของที่อ้างถึงไม่ใช่เครื่องในเครือข่ายเดียวกันที่ลงทะเบียนไว้ก่อน",
        "the earlier device of its person that it names is none of its network",
    ),
    ("reason", "signature"): ("ลายมือชื่อของเครือข่ายไม่ถูกต้อง", "the network's signature is not genuine"),
    ("reason", "figures"): ("ไม่มีตัวเลขที่ใช้ได้", "it names no usable figures"),
    ("reason", "ahead"): ("ลงเวลาวินิจฉัยไว้ล่วงหน้า", "it is dated later than it was received"),
    ("reason", "people"): ("ผู้วินิจฉัยที่ลงนามจริงไม่ครบ", "too few people signed it"),
    ("reason", "replayed"): ("มีคำวินิจฉัยที่ใหม่กว่าแล้ว", "a newer decision stands"),
    ("reason", "sheet"): ("ไม่มีใบคะแนนนี้", "there is no such sheet"),
    ("figure", "valid"): ("บัตรดี", "valid ballots"),
    ("figure", "spoiled"): ("บัตรเสีย", "spoiled ballots"),
    ("figure", "no_vote"): ("ไม่เลือกผู้ใด", "no-vote ballots"),
    ("figure", "ballots_cast"): ("ผู้มาใช้สิทธิ", "ballots cast"),
    ("stage", "progress"): ("คะแนนระหว่างนับ", "progress"),
    ("stage", "final"): ("ผลสุดท้าย", "a final"),
    ("stage", "official"): ("ตัวเลขทางการ", "the authority's figures"),
    ("stage", "reading"): ("การอ่านภาพ", "a reading"),
}

REASONS: dict[str, Pair] = {
    "nothing_stands": ("ไม่มีรายงานที่ยังใช้ได้", "No report stands"),
    "progress_counted": ("มีคะแนนระหว่างนับ", "Progress was reported"),
    "only_text": ("มีผลสุดท้ายทางข้อความเท่านั้น", "A final by text message only"),
    "first_final": ("มีผลสุดท้ายจากแหล่งเดียว", "A final from one source"),
    "independent_sources_agree": ("แหล่งที่เป็นอิสระต่อกันรายงานตรงกัน", "Independent sources agree"),
    "rivals_agree": ("พรรคคู่แข่งรายงานตรงกัน", "Rival parties agree"),
    "dissent_outvoted": ("แหล่งอิสระส่วนใหญ่ตรงกัน แม้มีผู้แย้ง", "Independent sources agree and outvote a dissent"),
    "sources_differ": ("แหล่งข้อมูลไม่ตรงกัน", "Sources differ"),
    "rule_failed": ("ไม่ผ่านกฎตรวจสอบที่มีน้ำหนัก", "A rule of weight failed"),
    "support_lost": ("ผลที่ยืนยันแล้วขาดแหล่งสนับสนุนที่พอ", "Confirmed figures have lost their support"),
    "decided": ("ศูนย์ปฏิบัติการวินิจฉัยแล้ว", "The war room decided"),
}
