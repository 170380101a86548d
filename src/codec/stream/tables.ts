// Made by scripts/train-stream-tables.ts from 6 clips: not to be edited by hand.
// Version 1 of the stream encoding's numbers; any other numbers are another version.
//
// One text a table, one character a symbol (models.ts, LEVELS), zeros at the end left out. Each set has a
// table for each of KNOT_CLASSES, in their order; flags follow.
export const KNOT_TABLES: readonly string[] = [
  // Rotation
  "_ggRRJJEEAB88562C851",
  "_nnbbTUOOKNIIEF9J68",
  "_vvooiiddaaXWUURaURMIB9351",
  "_zzyyxxwvuussqqpysrliZXNK22006",
  "rooopooomonpnpnnzz_yyuskeSSHHVEA82",
  "eaaaaaaaaaaZZZZZllpptswvyw_yvqojhcbXYUUOJ71",
  // RotationBlind
  "_jjZZUUSSQQOONNMWRRNLGG78",
  "_nmfeYYTSQQMMHIIQNKFEA87",
  "_tsmnijggdebbaaYicaURLJD000001",
  "_uurrrrqqoomnmmluqqnkebSQ6A00H",
  "_rrooppoonmjkkkjut-vtonjhWIEFCB52",
  "kggggggggfffffffrrxxzx-xzwwrqkjdcYZWVPJ93",
  // RotationKey
  "_ijddZaXXWYWTTQPbZcabXYVWRQF99GR2",
  "_lmhkfeccWXUTQQQaWaYSLHABA",
  "_pqlmklijifgdfbcmgjgeaZUSJA6",
  "_rtornomnmllkkjktrroolmhiVOL1",
  "_rspommlkklkkkkmwvzz_wxtpgJED9A761",
  "_UWUWUXUYUaTXTYTffihkikiidcXWQOKLIIDA63",
  // WeightInside
  "_nnXXSSMPKMHKIIGPNKFB67471",
  "_ppabSUQQOLILIKBSNH966",
  "_xwpokkfhdeZbXYWfbZVQLLFI",
  "_--zzxyvwtustqrq-yytqhgbZSA651",
  "oloplomnplonnmnnzy_zzyytuaTONIJGGA61",
  "gcccccccccccccccoosrvvyx-z_zzvuonhgbcZZURH8",
  // WeightAtEnd
  "_1Q6K1H5G2609020EDE9E4B026",
  "_MXBT4H110C0H0H01H60C00IC",
  "_XjPXJZGYAV8O5M4VOUIHM0BH",
  "_cibkboYrXoXkVfUifjikbUNODD851",
  "sfheeegeeefeededqszzwqqmnhbVUQRONHD2",
  "gcccccccccccccccoosrvvyx-z_zzvupnihbcZZVRI9",
  // WeightBlindInside
  "_rriiffccabYYXXVfccYXTSNMA",
  "_ttnlkikijhiifhhsrniibYZGDE96",
  "_zzttmnkifdfedbcnlmljUgPPI83",
  "wrrnnlljjjjkkkkl-uqkibZPW8522",
  "qmlmliighikehfgerrrptxxfhbSMLGGDD961",
  "fbbbbbbbbbbbbbbbnnrquuxx-z_z-wvqoihccZaVTKD1",
  // WeightBlindAtEnd
  "_2R6L2I8H2E2D1B0IHIEGDC468",
  "_ZdRSJOELAA7F443MG8MI0I",
  "_ZfRZKSFZBO9S7S5NPXN944047",
  "_YcVaSWQaNULUJSHhZbbYJNFL7",
  "_cecfbcbbbcabacZljnlnqmdbRPLLIIC931",
  "gcccccccccccccccoorrvuyx-z_zzvupnihbcZZVSIA1",
  // WeightKey
  "_BWBaAYAXAcAd9g9tnomtrpinm611",
  "_ddZZWWSSPPMMKKHiKIDTWB51",
  "_TcSVSVRTRXQbQXPijtnokhhPDC89651",
  "_OmOpOoNqNtNsMuM-ttnsrunpmGAA78431",
  "xJUJVIcIkIkIkImHutsqzxsljbGA95533",
  "hdddddddddddddddppsswvzy_z_yytsmlfeabYXSNB3",
  // Offset
  "_jkTRGLAG999D000A",
  "_jjSTFGCC1167000L8",
  "_ssiibcWVQSJOAG9TFC11",
  "_wwuvrroooojjdhdokcMHCDAA43",
  "wrrsrrrrqqqqqrqo-z-wwrqkjdcYZWVOJ72",
  "eaaaaaaaaaaaaaaammqqutxwzz_z-wwrpkiddabWVNH3",
  // OffsetStart
  "_uunnjjhifgeedebmgheUB",
  "_mncZTPOMMOHK443C8831",
  "_stoqmljjggddccZicbVWLMIHA51",
  "_nolljkggdeeeccUlfhSGBC9921",
  "-wwvvuuuuttrrrrq_yyutnmgfbbYXRNC51",
  "eaaaaaaaaaaaaaaammqqutxwzz_z-wwrqkiddabWVNH4",
  // OffsetKey
  "_nqopnmnknjlilentntqrrqsodBT5d211",
  "wssrrrrrrqqqqqqp_z_yzvuonhgbbYZURG6",
  "vhgihedddebeXcacqnqppqsrqmnmijUPPMMHE84",
  "_eYcZYUbWaWZWccallompnmjgcjlhbOJJFFA941",
  "_khgclfididgebdcnjnhjmpopYSNMHIEE85",
  "ieeeeeeeeeeeeeeeqqutxwzy_z-xxsqljedaaXVOI6",
  // Flags, in the order of FlagTable
  "_h",
  "_q",
  "_P",
  "_s",
  "_m",
  "_n",
  "w_",
];
