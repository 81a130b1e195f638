"""The small words by which free text denies, doubts, asks or attributes: tables of language, not of medicine.

What a clinical word means stands in the knowledge; nothing here names a disease, a finding or a drug.
"""

from __future__ import annotations

from typing import Literal

Mood = Literal["absent", "uncertain", "set aside", "other person", "past", "end", "pseudo"]
LevelWord = Literal["normal", "high", "low"]


def _split(words: str) -> list[str]:
    return [word.strip() for word in words.replace("\n", " ").split(" | ")]


def _set(words: str) -> frozenset[str]:
    return frozenset(_split(words))


def _each(mood: Mood, words: str) -> dict[str, Mood]:
    return dict.fromkeys(_split(words), mood)


SIDE_WORDS = {
    **dict.fromkeys(["left", "lt", "leftsided", "sinistra"], "left"),
    **dict.fromkeys(["right", "rt", "rightsided", "dextra"], "right"),
    **dict.fromkeys(["bilateral", "bilaterally", "both", "bilat"], "both"),
}
SIDE_LETTERS = {"l": "left", "r": "right"}

# A bare letter is a side only before one of these; "L-arginine" is not the left arginine.
BODY_WORDS = _set("""
    buttock | femoral | femur | groin | hip | knee | leg | lower | side | sided | tha | thigh | thr
    """)

# "Left" is a verb before one of these.
VERB_LEFT_BEFORE = _set("""
    her | him | his | home | hospital | job | me | my | school | their | untreated | without | work
    """)

DETERMINERS = _set("""
    a | an | any | her | his | my | some | that | the | their | this | your
    """)

# Words before a finding. The longest phrase that fits is taken, so "no change in" never denies.
BEFORE: dict[str, Mood] = {
    **_each(
        "absent",
        """
        no | not | never | nil | none of | without | w/o | denies | denied | deny | denying | negative for |
        neg for | free of | free from | absence of | lack of | lacks | lacked | neither | nor | never had |
        excludes | excluded | ruled out | rules out | absent | negates | no evidence of | no evidence for |
        no sign of | no history of | no known | isn't | wasn't | doesn't | didn't | hasn't | hadn't | don't
        | aren't | weren't
        """,
    ),
    **_each(
        "uncertain",
        """
        possible | possibly | probable | probably | suspected | suspect | suspicion of | suspicious for |
        suspicious of | likely | presumed | presumptive | may be | might be | could be | may have | might
        have | suggesting | suggestive of | suggests | suggest | concern for | concerning for | equivocal |
        questionable | cannot exclude | cannot rule out | can not rule out | can not exclude | can't exclude
        | can't rule out | not excluded | not ruled out | provisional | working diagnosis of | impression of
        | vs | versus | maybe | perhaps | apparently | unconfirmed | read as | thought to be
        """,
    ),
    **_each(
        "set aside",
        """
        rule out | r/o | to exclude | exclude | query | ? | differential diagnosis | differential |
        screening for | screen for | evaluate for | evaluation for | assess for | check for | monitor for |
        look for | looking for | prevention of | prevent | to prevent | prophylaxis of | prophylaxis for |
        prophylaxis against | risk of | risk for | risk factor for | at risk of | at risk for | in case of |
        if | investigate for | investigation of | fear of | fears | worried about | concerned about |
        referred for | awaiting | scheduled for | listed for | planned | planned for | considered for |
        candidate for | consider | unlikely | no longer | not necessarily | not due to | no cause of | no
        cause for | no reason for | no treatment for | no mechanism of | if not | no other | not caused by |
        not related to | advice on | counselled about | refuses | refused | declined | declines | allergy to
        | allergic to
        """,
    ),
    **_each(
        "other person",
        """
        family history of | family history | mother | father | sister | brother | sibling | cousin | aunt |
        uncle | grandmother | grandfather | parent | daughter | son | wife | husband | relative | twin |
        mother's | father's | sister's | brother's | fhx | fh
        """,
    ),
    **_each(
        "past",
        """
        healed | resolved | old | previous | prior | past | former | earlier | status post | s/p | old healed
        """,
    ),
    **_each(
        "end",
        """
        but | however | although | though | except | except for | apart from | other than | besides | still
        | who | which | has | had | have | complain | complaining of | complains of | presents with |
        presented with | reports | reported | shows | showed | because of | because | due to | since | after
        | then | later | now | while | until | developed | develops | began | started | on examination |
        otherwise | instead | yet
        """,
    ),
    **_each(
        "pseudo",
        """
        no change in | no change of | no change | no improvement in | no improvement of | no improvement |
        no relief of | no relief from | no increase in | no worsening of | not only | not improving | no
        doubt | no response to | gram negative | no better | not better | not to mention | not relieved |
        not resolved | not until | not tolerate | not responding | not treated
        """,
    ),
}

# These deny everything up to the end of the clause, commas or not.
FAR_REACHING = _set("""
    absence of | denied | denies | deny | denying | free from | free of | neg for | negative for | neither |
    nor | without
    """)

# "Without X" ends at "with"; "not associated with X" does not.
WITH_ENDS = _set("""
    nil | no | no evidence of | no history of | no known | no sign of | without
    """)

# Words after a finding that leave no doubt, whatever follows them.
AFTER: dict[str, Mood] = {
    **_each(
        "absent",
        """
        absent | denied | denies | not present | not seen | not found | not noted | not reported | not
        identified | not detected | not evident | not observed | not visible | not demonstrated | not shown
        | excluded | ruled out | not there | not had
        """,
    ),
    **_each(
        "uncertain",
        """
        not excluded | not ruled out | cannot be excluded | can not be excluded | can't be excluded | may be
        present | uncertain | inconclusive | unclear | doubtful | questionable | equivocal | indeterminate
        """,
    ),
    **_each(
        "set aside",
        """
        unlikely | to be excluded | to be ruled out | prophylaxis | prevention | screening | risk | not done
        | not tested
        """,
    ),
    **_each(
        "past",
        """
        healed | has healed | have healed | resolved | has resolved | have resolved | united | has united |
        consolidated | settled | subsided | has gone | disappeared
        """,
    ),
}

# Words after a finding that may as well belong to what follows: "hip pain, negative radiographs".
AFTER_AT_END: dict[str, Mood] = {
    **_each(
        "absent",
        """
        negative | neg | none | nil | no | false | never
        """,
    ),
    **_each(
        "uncertain",
        """
        possible | suspected | likely | probable | presumed | borderline | ?
        """,
    ),
}

# Words allowed between a finding and what follows it: "fever was absent", "FABER test: positive".
LINKS = _set("""
    - | : | = | about | active | approximately | are | around | at | be | been | circa | count | currently |
    equals | has | hip | in | is | level | max | maximum | measured | now | of | on | only | passive |
    possible | reached | reading | result | roughly | score | scored | sign | test | titer | titre | to |
    today | up | value | was | were
    """)

POSITIVE = _set("""
    + | abnormal | carrier | confirmed | detected | elevated | heterozygous | high | homozygous | pain |
    painful | pos | positive | present | provoked pain | provokes pain | raised | reactive | reproduces pain
    | reproduces the pain | true | yes
    """)

NEGATIVE = _set("""
    absent | false | neg | negative | no | no pain | nonreactive | normal | not detected | not painful | not
    reactive | pain free | painless | undetected | unremarkable | wild type | within normal | within normal
    limits | within normal range | wnl
    """)

DOUBTFUL = _set("""
    borderline | doubtful | equivocal | inconclusive | indeterminate | unclear | weakly positive
    """)

LEVELS: dict[str, LevelWord] = {
    **dict.fromkeys(
        ["normal", "unremarkable", "within normal limits", "wnl", "within normal range"], "normal"
    ),
    **dict.fromkeys(["high", "raised", "elevated", "increased", "markedly high", "very high"], "high"),
    **dict.fromkeys(["low", "reduced", "decreased", "lowered", "limited", "restricted"], "low"),
}

COORDINATORS = frozenset(["and", "or", "/", ",", "nor", "plus", "&"])

# Spellings of units that people write; the knowledge's own unit lists come first.
UNIT_SPELLINGS = {
    **dict.fromkeys(["°", "degrees", "degree", "degs", "º"], "deg"),
    **dict.fromkeys(["c", "°c", "celsius", "deg c", "degrees c", "degrees celsius"], "Cel"),
    **dict.fromkeys(["f", "°f", "fahrenheit", "deg f", "degrees f"], "[degF]"),
    **dict.fromkeys(["bpm", "beats/min", "per min", "per minute"], "/min"),
    **dict.fromkeys(["percent"], "%"),
    **dict.fromkeys(["years", "yrs", "year"], "a"),
    **dict.fromkeys(["months"], "mo"),
    **dict.fromkeys(["weeks"], "wk"),
    **dict.fromkeys(["days"], "d"),
    **dict.fromkeys(["pounds", "lb", "lbs"], "[lb_av]"),
    **dict.fromkeys(["inches"], "[in_i]"),
    **dict.fromkeys(["feet"], "[ft_i]"),
}

# Parts of the body that are not the hip: a finding directly "of" or "in" one of them is not the hip's.
OTHER_SITES = _set("""
    knee | shoulder | elbow | wrist | hand | finger | ankle | foot | toe | spine | lumbar | thoracic |
    cervical | skull | jaw | rib | chest | lung | liver | kidney | spleen | brain | breast | colon |
    humerus | humeri | humeral |
    tibia | tibial | fibula | radius | ulna | forearm | clavicle | scapula | sternum | vertebra | vertebral |
    patella | talus | calcaneus | metatarsal | metacarpal | arm | face | nose | eye | ear | bladder |
    prostate | ovary | uterus | stomach | thyroid | skin | distal femur | distal femoral | femoral condyle
""")
HIP_WORDS = _set("""
    hip | groin | femoral head | femoral neck | proximal femur | acetabulum | acetabular | trochanter |
    pelvis | femur | coxa | buttock | thigh |
    leg
""")
# Before a side word these compare: "worse on the left" does not take the other side away.
COMPARING = frozenset(
    ["more", "worse", "greater", "mostly", "mainly", "predominantly", "especially", "most", "first"]
)

# How each imaging method is called, and the prefix of the concepts that are its findings.
IMAGING_METHODS = {
    **dict.fromkeys(["mri", "mr", "magnetic resonance", "magnetic resonance imaging"], "mri_"),
    **dict.fromkeys(
        ["radiograph", "radiography", "x-ray", "xray", "plain film", "film", "roentgenogram", "xr"],
        "radiograph_",
    ),
    **dict.fromkeys(["ct", "computed tomography", "cat scan"], "ct_"),
    **dict.fromkeys(["bone scan", "scintigraphy", "bone scintigraphy", "scintigram", "spect"], "bone_scan_"),
    **dict.fromkeys(["ultrasound", "sonography", "ultrasonography", "sonogram"], "ultrasound_"),
}
ANY_METHOD = "imaging_"
