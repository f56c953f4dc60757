"""Invented departments and names for the sample; nobody real."""

from typing import Final

DEPARTMENTS: Final = (
    ("harbours", "Department for Harbours and Inland Waterways", "oracle"),
    ("weather", "Office for Weather and Tides", "sap"),
    ("archives", "Department for Archives and Memory", "workday"),
    ("bridges", "Ministry of Bridges", "oracle"),
    ("orchards", "Department for Orchards and Hedgerows", "workday"),
    ("lanterns", "Lantern and Lighthouse Agency", "sap"),
    ("markets", "Department for Fairs and Markets", "oracle"),
    ("maps", "Office of Maps and Boundaries", "workday"),
    ("commons", "Commons and Footpaths Agency", "sap"),
    ("clocks", "Ministry of Clocks and Calendars", "workday"),
    ("ferries", "Ferries and Crossings Executive", "oracle"),
    ("wells", "Department for Wells and Springs", "sap"),
    ("looms", "Department for Looms and Textiles", "oracle"),
    ("kites", "Office for Kites and Observatories", "workday"),
)
"""Code, name and HR system."""
GIVEN: Final = (
    "Ada", "Alun", "Amina", "Bronwen", "Callum", "Carys", "Daniel", "Deepa", "Dylan",
    "Eilidh", "Elin", "Farah", "Fergus", "Gareth", "Grace", "Hamza", "Helen", "Idris",
    "Imogen", "Jamal", "Joan", "Kwame", "Laura", "Leila", "Lowri", "Marcus", "Megan",
    "Nadia", "Niamh", "Oliver", "Owen", "Priya", "Rhiannon", "Rohan", "Rosa", "Ruth",
    "Sanjay", "Sian", "Tariq", "Tess", "Uma", "Victor", "Wendy", "Yusuf", "Zara",
)  # fmt: skip
FAMILY: Final = (
    "Abbott", "Adeyemi", "Ahmed", "Bevan", "Blake", "Chowdhury", "Clarke", "Davies",
    "Donnelly", "Ellis", "Evans", "Fairfax", "Ferguson", "Garcia", "Griffiths", "Hall",
    "Hughes", "Iqbal", "Jenkins", "Kaur", "Kelly", "Lloyd", "MacLeod", "Mensah",
    "Morgan", "Nair", "Nolan", "Okafor", "Owens", "Patel", "Pritchard", "Quinn",
    "Rahman", "Rees", "Shah", "Stewart", "Thomas", "Underwood", "Vaughan", "Walsh",
    "Williams", "Wyatt", "Young", "Zaman",
)  # fmt: skip
WORK: Final = (
    "Flood Resilience", "Digital Services", "Finance", "People and Places", "Policy",
    "Regulation", "Estates", "Legal Advice", "International", "Science and Evidence",
    "Operations", "Commercial", "Communications", "Strategy", "Local Delivery",
)  # fmt: skip
OUTCOMES: Final = (
    "One application form for flood repair grants",
    "A single register of ferry and bridge closures",
    "Shared evidence on hedgerow loss",
    "One inspection visit instead of three",
    "Joint response to storm warnings within an hour",
    "One set of boundaries for every public map",
    "A shared graduate programme across departments",
    "Cut the time from survey to footpath repair by half",
)
EFFORTS: Final = (
    "Lends two analysts and the case data",
    "Opens its regional offices to the joint team",
    "Pays for the shared service in the first year",
    "Leads the legislation and the consultation",
    "Runs the pilot in three counties",
)
