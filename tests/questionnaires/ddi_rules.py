"""The part of DDI-Codebook 2.5's schema that our documents use, as a table of our own: element -> what may stand in it.

Held line by line against the standard's codebook.xsd of 2012-01-17 (DDI Alliance; its licence, LGPL, keeps it out of here): the
order of children and how often each may come, attributes with their kinds. Elements and attributes that are not in the table
are refused, so a new one has to be looked up in the standard first.
"""

import re
from collections import Counter
from xml.etree import ElementTree

from questionnaires.ddi import LANGUAGE, NAMESPACE

ANY, MAYBE, ONCE, SOME = (0, 10**9), (0, 1), (1, 1), (1, 10**9)
TEXT: dict = {}
CHILDREN = {
    "codeBook": {"docDscr": ANY, "stdyDscr": SOME, "fileDscr": ANY, "dataDscr": ANY, "otherMat": ANY},
    "docDscr": {"citation": MAYBE, "guide": MAYBE, "docStatus": MAYBE, "docSrc": ANY, "controlledVocabUsed": ANY, "notes": ANY},
    "citation": {"titlStmt": ONCE, "rspStmt": MAYBE, "prodStmt": MAYBE, "distStmt": MAYBE, "serStmt": ANY, "verStmt": ANY,
                 "biblCit": MAYBE, "holdings": ANY, "notes": ANY},
    "titlStmt": {"titl": ONCE, "subTitl": ANY, "altTitl": ANY, "parTitl": ANY, "IDNo": ANY},
    "rspStmt": {"AuthEnty": ANY, "othId": ANY},
    "prodStmt": {"producer": ANY, "copyright": MAYBE, "prodDate": ANY, "prodPlac": ANY, "software": ANY, "fundAg": ANY,
                 "grantNo": ANY},
    "verStmt": {"version": MAYBE, "verResp": MAYBE, "notes": ANY},
    "stdyDscr": {"citation": SOME, "studyAuthorization": ANY, "stdyInfo": ANY, "studyDevelopment": ANY, "method": ANY,
                 "dataAccs": ANY, "othrStdyMat": ANY, "notes": ANY},
    "stdyInfo": {"studyBudget": ANY, "subject": ANY, "abstract": ANY, "sumDscr": ANY, "qualityStatement": MAYBE, "notes": ANY,
                 "exPostEvaluation": ANY},
    "sumDscr": {"timePrd": ANY, "collDate": ANY, "nation": ANY, "geogCover": ANY, "geogUnit": ANY, "geoBndBox": MAYBE,
                "boundPoly": MAYBE, "anlyUnit": ANY, "universe": ANY, "dataKind": ANY},
    "method": {"dataColl": ANY, "notes": ANY, "anlyInfo": MAYBE, "stdyClas": MAYBE, "dataProcessing": ANY,
               "codingInstructions": ANY},
    "dataColl": {"timeMeth": ANY, "dataCollector": ANY, "collectorTraining": ANY, "frequenc": ANY, "sampProc": ANY,
                 "sampleFrame": ANY, "targetSampleSize": ANY, "deviat": ANY, "collMode": ANY, "resInstru": ANY,
                 "instrumentDevelopment": ANY, "sources": MAYBE, "collSitu": ANY, "actMin": ANY, "ConOps": ANY, "weight": ANY,
                 "cleanOps": ANY},
    "dataAccs": {"setAvail": ANY, "useStmt": ANY, "notes": ANY},
    "useStmt": {"confDec": MAYBE, "specPerm": MAYBE, "restrctn": MAYBE, "contact": ANY, "citReq": MAYBE, "deposReq": MAYBE,
                "conditions": MAYBE, "disclaimer": MAYBE},
    "fileDscr": {"fileTxt": ANY, "locMap": MAYBE, "notes": ANY},
    "fileTxt": {"fileName": MAYBE, "fileCitation": MAYBE, "fileCont": MAYBE, "fileStrc": MAYBE, "dimensns": MAYBE,
                "fileType": MAYBE, "format": MAYBE, "filePlac": MAYBE, "dataChck": ANY, "ProcStat": MAYBE, "dataMsng": MAYBE,
                "software": ANY, "verStmt": MAYBE},
    "dimensns": {"caseQnty": ANY, "varQnty": ANY, "logRecL": ANY, "recPrCas": ANY, "recNumTot": ANY},
    "dataDscr": {"varGrp": ANY, "nCubeGrp": ANY, "var": ANY, "nCube": ANY, "notes": ANY},
    "varGrp": {"labl": ANY, "txt": ANY, "concept": ANY, "defntn": MAYBE, "universe": MAYBE, "notes": ANY},
    "var": {"location": ANY, "labl": ANY, "imputation": MAYBE, "security": MAYBE, "embargo": MAYBE, "respUnit": MAYBE,
            "anlysUnit": MAYBE, "qstn": ANY, "valrng": ANY, "invalrng": ANY, "undocCod": ANY, "universe": ANY,
            "TotlResp": MAYBE, "sumStat": ANY, "txt": ANY, "stdCatgry": ANY, "catgryGrp": ANY, "catgry": ANY, "codInstr": ANY,
            "verStmt": ANY, "concept": ANY, "derivation": MAYBE, "varFormat": MAYBE, "geoMap": ANY, "catLevel": ANY,
            "notes": ANY},
    "qstn": {"preQTxt": ANY, "qstnLit": ANY, "postQTxt": ANY, "forward": ANY, "backward": ANY, "ivuInstr": ANY},
    "invalrng": {"item": SOME, "key": MAYBE, "notes": ANY},
    "catgry": {"catValu": MAYBE, "labl": ANY, "txt": ANY, "catStat": ANY, "mrow": MAYBE},
    **dict.fromkeys(("titl", "parTitl", "IDNo", "othId", "prodDate", "version", "abstract", "collDate", "universe", "dataKind",
                     "resInstru", "collSitu", "contact", "conditions", "fileName", "varQnty", "fileType", "labl", "txt",
                     "preQTxt", "qstnLit", "postQTxt", "backward", "ivuInstr", "item", "catValu", "codInstr", "concept",
                     "varFormat"), TEXT),
}
#: attribute -> "id", "ids" (of elements in the document), a pattern, or the words allowed
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
EVERYWHERE = {"ID": "id", LANGUAGE: r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?"}
ATTRIBUTES = {
    "codeBook": {"version": ("2.5",)}, "IDNo": {"agency": ".+"}, "othId": {"role": ".+", "type": ".+", "affiliation": ".+"},
    "prodDate": {"date": DAY}, "version": {"date": DAY}, "collDate": {"date": DAY, "event": ("start", "end", "single")},
    "abstract": {"contentType": ("abstract", "purpose", "mixed"), "date": DAY},
    "universe": {"clusion": ("I", "E"), "level": ".+"},
    "varGrp": {"type": ("section", "multipleResp", "grid", "display", "repetition", "subject", "version", "iteration",
                        "analysis", "pragmatic", "record", "file", "randomized", "other"),
               "var": "ids", "varGrp": "ids", "name": ".+"},
    "var": {"name": ".+", "files": "ids", "intrvl": ("contin", "discrete"),
            "nature": ("nominal", "ordinal", "interval", "ratio", "percent", "other"),
            "representationType": ("text", "numeric", "code", "datetime", "other"),
            "otherRepresentationType": r"[\w.:-]+"},
    "qstn": {"seqNo": ".+", "var": "ids"}, "item": {"VALUE": ".+"}, "catgry": {"missing": ("Y", "N"), "missType": ".+"},
    "concept": {"vocab": ".+"},
    "varFormat": {"type": ("character", "numeric"), "category": ("date", "time", "currency", "other")},
}
REQUIRED = {"var": ("name",)}


def faults(source: bytes) -> list[str]:
    """Everything in a document that the standard's schema would refuse."""
    root = ElementTree.fromstring(source)
    identities = Counter(each.get("ID") for each in root.iter() if each.get("ID"))
    found = [f"ID {identity} stands {count} times" for identity, count in identities.items() if count > 1]
    for element in root.iter():
        found += _faults_of(element, set(identities))
    return found


def _faults_of(element: ElementTree.Element, identities: set[str]) -> list[str]:
    tag = _name(element)
    if tag not in CHILDREN:
        return [f"{element.tag} is not known"]
    rules, names = CHILDREN[tag], [_name(child) for child in element]
    found = [f"{tag} may not hold {name}" for name in names if name not in rules]
    order = [list(rules).index(name) for name in names if name in rules]
    if order != sorted(order):
        found.append(f"{tag} has its children in the wrong order: {names}")
    found += [f"{tag} holds {names.count(child)} {child}" for child, (least, most) in rules.items()
              if not least <= names.count(child) <= most]
    found += [f"{tag} lacks {name}" for name in REQUIRED.get(tag, ()) if not element.get(name)]
    if rules and (element.text or "").strip():
        found.append(f"{tag} holds text")
    known = EVERYWHERE | ATTRIBUTES.get(tag, {})
    return found + [f"{tag} {name}={value}" for name, value in element.attrib.items()
                    if not _fits(known.get(name), value, identities)]


def _fits(rule, value: str, identities: set[str]) -> bool:
    if rule is None:
        return False
    if isinstance(rule, tuple):
        return value in rule
    if rule == "id":
        return bool(re.fullmatch(r"[A-Za-z_][\w.-]*", value, re.ASCII))
    if rule == "ids":
        return bool(value) and set(value.split()) <= identities
    return bool(re.fullmatch(rule, value, re.DOTALL))


def _name(element: ElementTree.Element) -> str:
    return element.tag.removeprefix(f"{{{NAMESPACE}}}")
