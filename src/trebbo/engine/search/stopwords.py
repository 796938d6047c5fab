"""Words that ask rather than name: left out of questions, and of documents except their names."""

_ITALIAN = """
a ad ai al all alla alle allo agli anche ancora avere abbia abbiamo aver ha hai hanno ho avete che
chi ci ciascuno col come con contro cosa cui da dagli dai dal dall dalla dalle dallo degli dei del
dell della delle dello dentro di dopo dove e ed era erano essere fa fare fanno faccia fino fra gli
ho i il in io la le lei lo loro lui ma mi mia mie miei mio ne negli nei nel nell nella nelle nello
noi non nostra nostre nostri nostro o od ogni oppure per perche piu poi presso puo possa possano
possono posso potrebbe potrebbero potete quale quali qualche qualcuno quando quanto quegli quei
quel quella quelle quello questa queste questi questo qui sa sanno sappia se sei si sia siamo
siano sono sopra sotto sta stiamo su sua sue sugli sui sul sulla sulle sullo suo suoi tra tu tua
tuo un una uno vi voi vorrei vorremmo aiutare aiutarci aiutarmi aiuta aiuto aiutano cerca cercando
cercano cerchiamo cerco cercasi trovare trova trovo serve servono servirebbe bisogno occorre
necessario qualcosa esiste esistono offre offrono occupa occupano
"""
_ENGLISH = """
a about am an and any anyone are as at be been but by can could did do does doing for from had has
have having he her him his how i if in into is it its me my of on or our ours out over she should
so some somebody someone something than that the their them then there these they this those to up
us was we were what when where which who whom whose why will with would you your yours help helps
helping find finding look looking search searching seek seeking need needs needed want wants
wanted provide provides offer offers
"""
STOP_WORDS: frozenset[str] = frozenset((_ITALIAN + _ENGLISH).split())
