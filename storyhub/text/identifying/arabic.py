"""Names, places and workplaces in Arabic: no capital letters, and small words that are written as one with the next."""

from __future__ import annotations

import re
from functools import cache

from storyhub.text.identifying.cues import CUES
from storyhub.text.identifying.searching import LONGEST_NAME, Search

__all__ = ["find"]

# Names that are hardly ever anything else. All others in the list are words too (hope, happy, key, patience), and
# need something beside them that says a person is meant.
ALONE = frozenset("""
ابراهيم ابتسام ابتهال احمد ادم اسامه اسراء الياس انيسه اوس ايناس ايوب اياد ايهم باسل باسمه باسم بتول بثينه بدريه بسام بسمه بشير بشار بلال بلقيس بنيامين بهيه
تامر تغريد توفيق تحريرالشام ثامر جابر جاسم جعفر جورج جوزيف جورجيت جوليا جيهان حاتم حازم حسام حسنيه حسين حليمه حماد حمدان حمدي حمزه حميد حنان حنين حيدر حسناء
خديجه خلدون خليل خلود خميسه داليا دانيه دانيال دلال ديما ديمه رانيا رانيه راشد رامز رامي رباب رجب رحاب رشا رشاد رضوان رغد رفعت رقيه رمزي رمضانيه رنا رندا رنيم رهام روان رولا ريم ريما ريهام ريتا ريان
زكريا زهراء زهير زياد زينب زين سارا ساره سامر سامي سامح سعاد سعديه سعود سلمان سلمى سلمي سلوى سلوي سليمان سميره سميه سمر سمير سناء سندس سهام سهى سهيله سهير سهيل سوزان سوسن سيرين
شادي شادن شاديه شريفه شهد شهيره شيرين شيماء شعيب صبريه صابرين صفيه صهيب طارق طلال طه عادل عاطف عامر عائشه عايشه عباس عبدالله عبدالرحمن عبدالعزيز عبدالكريم عبدالقادر عبدالرحيم عبداللطيف عبدالسلام عبدالحميد عبدالمجيد عبدالفتاح عبدالناصر عبدو عبده عبير عثمان عدنان عزه عزيزه عصام عفاف علاء علياء عماد عمار عمر عمران عمرو عواطف
غاده غسان غيداء فاتن فادي فاديه فارس فاروق فاطمه فاطنه فايزه فتحي فتحيه فدوى فدوي فراس فريال فريده فواز فوزي فوزيه فيروز فيصل قاسم قصي قيس كارولين كريمه كوثر كنزه كلثوم لارا لطيفه لمى لمياء لؤي لوي ليلى ليلي ليال لينا ليان لبنى لبني لجين
ماجد ماجده مازن ماريا ماري ماهر مايا محسن محمد محمود مدحت مراد مرتضى مروه مروان مريم مصطفى مصطفي مصعب معاذ معتز منال منصور منيره مها مهند مهى موسى موسي مي ميرا ميرفت ميساء ميسون ميساءه مينا مؤمن مونيا مليكه مديحه مني
ناديا ناديه نادين نانسي نبيل نبيله نجاه نجلاء نجوى نجوي نرمين نسرين نصيره نعيمه نهى نهي نورا نوره نورهان نوال نيفين نزيهه نضال هاجر هاله هاني هبه هدى هدي هشام هند هناء هيثم هيفاء هيام وائل وايل وداد وديع وسيم وفاء وليد ولاء ورده
ياسر ياسمين ياسين يارا يحيى يحيي يزن يسرا يسرى يعقوب يوسف يونس يمنى يمينه يوليا جميله زبيده رشيده فضيله الحسين الحسن سكينه رحمه رتيبه بوشرى بشرى بشري حوريه حفيظه لالة لوبنا صباح نجاة نهاد اماني امينه اميره اسماء الاء ايه ايمان ايمن امجد انس انور اشرف اكرم ادهم كريم كمال خالد سعيد سعيده حسن علي
محمدامين جودي تالا جنى جني ملك لين تاليا سيلين ميرال جهاد فرح نجم نزار وسام هادي رائد رايد جمال ناصر هيلا غدير لميس شروق اسيل اثير ابرار افنان بيان نجود شهلا هيله موضي نوف منيرة العنود مشاعل حصه لولوه بدور فهد تركي سلطان نايف متعب مشعل بندر سعد مشاري مساعد عوض صالح صلاح
""".split())  # fmt: skip
# In the list above because they are so common as names, and so common as words that they need company all the same.
WITH_COMPANY = frozenset(
    "عايشه عائشه علي حسن سعيد سعيده كريم كمال خالد ملك لين فرح بيان صالح صلاح سلطان جمال ناصر هادي سعد عوض مساعد شروق بدور رحمه صباح ورده جهاد نضال ايمان ايه اماني "
    "مي مني هدي هدى وفاء سناء ولاء حنان حنين نجاه هناء يسرى يسري جميله فضيله انور اكرم اشرف عمر امينه مراد عادل ماهر باسم نجم زين عزيزه كريمه لطيفه شهد دلال ابرار هبه سهام جني مشاعل حسين "
    "الحسن الحسين غدير تركي فارس محسن قاسم منصور سلمان رجب وديع نبيل عامر ماجد راشد".split()
)
# In the lists of names or places, and said in every second story.
GENERAL = frozenset(
    "الصور الصف السجن الحبس علي الي على الى من في ما لا هو هي كان كانت كل بعد قبل عند هذا هذه ذلك التي الذي اللي بنات بنت ولد رجل رجال نساء حي حق حقي الحق الله النا الناس الباب البيت الحمد الشيخ مفتاح كاذبه "
    "انا نحن هم انت حال يوم ليل نهار صبح مساء شهر سنه عام سلام السلام حمام الدور دور باب بيت دار شارع مدرسه جامعه مستشفي كبير كبيره صغير صغيره جديد جديده قديم حتي حتى لما "
    "كامل كامله عالم عربي عربيه مسلم مسلمه مسيحي لبناني مصري سوري سوريه مغربي عراقي اردني فلسطيني سوداني تونسي جزايري يمني سعودي خليجي حديث صدر قلب روح حياه موت خوف حرب دين دنيا "
    "فوق تحت يمين يسار وراء امام جنب غرب شرق شمال جنوب وسط مركز سوق ميدان محطه مسجد كنيسه ثاني ثالث اول اخر اخري اخرى نفس جدا فقط ايضا شركه مكتب مدير مديره دكتور استاذ معلم معلمه "
    "ساجد صاحب عاقل كاتب ناجي نادي شاكر فايز فاضل عايد زايد عابد واثق واقف قايد قاده طالب طالبه حارس حارث عبد سيد السيد ست امير حبيب حبيبي شرف كرم عدل فضل خير "
    " حلم فخر فكر قصه غالي غاليه غريب بعيد قريب تمام طيب طبيب مجد ثمن ربي رب عهد زمن وقت حظ نصيب كلام سكوت صمت ضحك بكا راس رجل عين وجه جسم ضهر ظهر "
    "العربيه المراه القسم القصه الكل الان الليل الصباح العمل العمر الطريق الحاله السياره الرقم الصوره الملك الخالق الرحمن الرحيم العزيز العليم عرفه عطاء خاطر خلف اخر خليفه كاسر شامل سهل صعب واحد "
    "اسم اسمي عمي عمه خالي خاله اختي اخي امي ابي ابو ام ابن زوجي زوجتي جار جارنا حد احد شي شيء بس مش مو كمان برضو بعدين هون هناك هنا وين ليش لان عشان منذ مثل زي يعني دايما ابدا ثلاثا اثنين "
    "مره مرات حفل عيد فطر صيام حج عزاء فرحه الفرح حزن غضب سلاح قوه ضعف بحر جبل نهر ارض سما شمس قمر نجمه قبل حكم قاضي عدي محكمه شرطه ضابط جندي جيش امن حارق لطف نداء صوت عتاب شوق رضي صبر صبور امان امانه سمع بصر "
    "اباء اراد اوا باران جاد جواهر جود داني راضي راعي راجع رفيق رفيقي ساطع ساهر شاطر شجاع صافي صامد طلعت طموح غازي فداء فلاح قلم كاظم كاشف كنار لماح ماس مبين مرسال مستعد مفيد مقدام ملاك موفق مومن ناعم نافع نافذ وادي وردي يقين".split()
)
STOPS = frozenset(
    "التي الذي اللي كان كانت كنت وكان وكانت يوم سنه قبل بعد عن الي في من علي مع حتي ثم لكن او اذا لما لمده قرب عند الان وانا انا هو هي و ما لا لم لن مش كل وكل قال قالت دخل جاء".split()
)
KINDS_OF = frozenset(
    "بنات بنين البنات البنين اولاد حكوميه خاصه حكومي خاص كبيره كبير صغيره صغير دوليه دولي محليه محلي ابتدائيه ثانويه متوسطه اعداديه قريبه بعيده تنظيف "
    "النساء نساء ثانيه اخري اخرى مشهوره معروفه جديده قديمه اهليه عام عامه ليليه للنساء للبنات التحقيق الامن العمل الناس القريه المدينه الحي لغات تجميل خياطه اتصالات مقاولات".split()
)


def find(search: Search) -> None:
    """All that is looked for in Arabic, in the order in which one thing explains another."""
    _introduced(search)
    _workplaces(search)
    _headed_places(search)
    for place, word in enumerate(search.words):
        if search.free(place) and len(word.text) > 2 and not search.is_never(word):
            _ = _listed_place(search, place) or _listed_name(search, place)


@cache
def _introduces() -> re.Pattern[str]:
    return re.compile(CUES["ar"].introduces)


def _introduced(search: Search) -> None:
    for match in _introduces().finditer(search.reading.plain):
        place = search.starting_at(match.end())
        if place is None or not search.free(place):
            continue
        word = search.words[place]
        if word.text in search.cues.titles and search.follows(place):
            place += 1
            word = search.words[place]
        if word.text.startswith("ال") and not search.listed(word):
            continue  # "they call me the spinster" is no name
        if (
            len(word.text) > 1
            and (search.listed(word) or word.text not in GENERAL | STOPS)
            and not search.is_never(word)
        ):
            search.take(place, _end(search, place), "name", "introduced")


def _end(search: Search, first: int) -> int:
    """The last word of the name that begins here: names in the list, and family names with their article."""
    last, place = first, first + 1
    while search.free(place) and place - first < LONGEST_NAME and search.words[place].joined:
        word = search.words[place]
        if word.text in {"بن", "ابن", "بنت", "ابو", "ال", "عبد", "بو"}:
            place += 1
            continue
        family = (
            word.text.startswith("ال") and len(word.text) > 4 and (word.text.endswith("ي") or bool(search.listed(word)))
        )
        if (
            word.text in GENERAL
            or word.text in STOPS
            or not (search.listed(word) or (family and word.text not in KINDS_OF))
        ):
            break
        last = place
        place += 1
    return last


def _workplaces(search: Search) -> None:
    for head, word in enumerate(search.words):
        bare = word.text.removeprefix("و").removeprefix("ب").removeprefix("ل").removeprefix("ف").removeprefix("ال")
        if word.text not in search.cues.work_heads and bare not in search.cues.work_heads:
            continue
        if search.free(head):
            _after_work_head(search, head, bare)


def _after_work_head(search: Search, head: int, bare: str) -> None:
    """مدرسة النور الأهلية; الجامعة اللبنانية."""
    last, place = head, head + 1
    while search.free(place) and place - head < 5 and search.words[place].joined:
        word = search.words[place]
        if word.text in STOPS or word.text in search.cues.kin or word.text in search.cues.place_before:
            break
        part = word.text.startswith("ال") or bool(search.listed(word)) or search.is_place(word.text)
        if not part and place > head + 1 and search.words[place - 1].text != "ابو":
            break
        if not part and (word.text in GENERAL or word.text.startswith(("و", "ب", "ل", "ي", "ت", "ك", "ف", "م"))):
            break
        if word.text.startswith("و") and place > head + 1:
            break
        last = place
        place += 1
    named = [
        word
        for word in search.words[head + 1 : last + 1]
        if word.text not in KINDS_OF and (word.text.startswith("ال") or word.text not in GENERAL)
    ]
    definite = search.words[head].text.startswith("ال") or search.words[head].text.startswith(("بال", "لل", "وال"))
    if named and not (definite and last == head + 1):
        skip = search.words[head].text.index(bare) if not definite else 0
        search.take(head, last, "workplace", "institution", skip=skip if skip < 3 else 0)


def _headed_places(search: Search) -> None:
    for head, word in enumerate(search.words[:-1]):
        bare = re.sub(r"^(?:و|ف)?(?:ب|ل|ف)?", "", word.text)
        if word.text not in search.cues.place_heads and bare not in search.cues.place_heads:
            continue
        place = head + 1
        named = search.words[place]
        if not search.free(place) or not named.joined or len(named.text) < 3 or named.text in STOPS | KINDS_OF:
            continue
        if named.text in GENERAL and not search.is_place(named.text) and not named.text.startswith("ال"):
            continue
        last = place
        following = search.follows(place)
        if following is not None and (
            search.is_place(search.text(place, place + 1))
            or named.text
            in {"ابو", "ام", "بني", "عين", "تل", "بيت", "سيدي", "اولاد", "راس", "دير", "كفر", "عبد", "ايت"}
            or (following.text.startswith("ال") and search.listed(named) and not named.text.startswith("ال"))
        ):
            last += 1
        search.take(
            head if bare in {"حي", "شارع", "دوار", "مخيم"} and word.text == bare else place,
            last,
            "place",
            "said to be one",
        )


def _listed_place(search: Search, place: int) -> bool:
    word = search.words[place]
    end = search.place_at(place)
    before = search.before(place)
    if end is not None and (end > place or word.text not in GENERAL):
        company = before in search.cues.place_before or before in {
            "مدينتي",
            "قريتي",
            "اهل",
            "ساكنه",
            "ساكن",
            "عايشه",
            "اعيش",
        }
        known = len(word.text) > 4 and not search.listed(word) and (word.text.startswith("ال") or before in {"", "قرب"})
        alone = not word.joined and search.follows(end) is None and not search.listed(word) and len(word.text) > 3
        if end > place or (alone and place > 0) or (company and not (word.text in ALONE and before == "من")) or known:
            search.take(place, end, "place", "listed")
            return True
    for clitic, begins in (
        ("بال", "ال"),
        ("لل", "ال"),
        ("فال", "ال"),
        ("وال", "ال"),
        ("ب", ""),
        ("ف", ""),
        ("ل", ""),
        ("وب", ""),
        ("و", ""),
    ):
        rest = begins + word.text.removeprefix(clitic)
        if (
            not word.text.startswith(clitic)
            or len(rest) < 4
            or search.listed(word)
            or rest in GENERAL
            or rest.removeprefix("ال") in GENERAL
        ):
            continue
        if (
            search.is_place(rest)
            and (clitic in {"ب", "ف", "بال", "فال", "لل", "وب"} or len(rest) > 5)
            and not (search.listed(word))
        ):
            search.take(place, place, "place", "listed", skip=len(clitic) - len(begins))
            return True
    return False


def _listed_name(search: Search, place: int) -> bool:
    word = search.words[place]
    if search.listed(word):
        if _is_meant(search, place):
            search.take(place, _end(search, place), "name", "listed")
            return True
        return False
    for clitic in ("و", "ل", "ب", "ف", "يا"):
        rest = word.text.removeprefix(clitic)
        if rest != word.text and len(rest) > 3 and rest in ALONE - WITH_COMPANY:
            search.take(place, _end(search, place), "name", "listed", skip=len(clitic))
            return True
    return False


def _is_meant(search: Search, place: int) -> bool:
    """Whether a person is meant by a word that is in the list of names."""
    word = search.words[place]
    before = search.before(place)
    before = before.removeprefix("و") if before not in search.cues.kin else before
    if word.text in ALONE and word.text not in WITH_COMPANY:
        return True
    if word.text.startswith("ال"):
        return before in search.cues.titles and word.text not in GENERAL
    following = search.follows(place)
    family = (
        following is not None
        and following.text not in GENERAL | STOPS
        and (
            following.text in ALONE
            or (following.text.startswith("ال") and following.text.endswith("ي") and len(following.text) > 5)
        )
    )
    related = (
        before in search.cues.kin or before in search.cues.titles or before in {"انا", "يا", "معكم", "اسمه", "اسمها"}
    )
    if before == "علي":  # "on", far more often than Ali
        return related and word.text in ALONE
    if word.text == "علي":
        return (before in search.cues.titles or before in search.cues.kin) and not (
            following is not None and following.text.startswith("ال")
        )
    if word.text in GENERAL:
        return before in {"اسمي", "اسمه", "اسمها", "ابو", "ام"} or (
            before in search.cues.titles and search.is_given(word)
        )
    return related or family
