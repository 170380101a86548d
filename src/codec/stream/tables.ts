// Made by scripts/train-stream-tables.ts from 6 clips: not to be edited by hand.
// Version 1 of the stream encoding's numbers; any other numbers are another version.
//
// One text a table, one character a symbol (models.ts, LEVELS), zeros at the end left out. Each set has a
// table for each of KNOT_CLASSES, in their order; flags follow.
export const KNOT_TABLES: readonly string[] = [
  // Rotation
  "_ffQPKJFFBC89565E9721",
  "_mmabVURRKMIHDA3J2725",
  "_vuoniieeaaWXVVTbVTMMFC641",
  "_zzyxwwvutsrrqqoysrmjcaQLE19",
  "rnnnnonnmnnmnnmnzy_zytsmhZUFD9AQ51",
  "cXXXXXXXXaXXXXaXjkoovuwvyuyrxrlgeZYUVRRKF5",
  // RotationBlind
  "_ihYYUUSSQQPPOOMXUUQQLJHC92",
  "_nmfeXXTUQRPQMMISMNHHECA56",
  "_ssmnjjggeebbaaYibaUVPMHG0000002",
  "_ttrrqqopnnmmlkjuqrmmfcUSQB40095",
  "_rrqqqqppoonmmnlxx-yyutnndgDDAB74",
  "jffffffffffeeeeeqqut_--wxuupnigbaWXUTLH2",
  // RotationKey
  "_hjbdYZXXWWWVRVQaYaacZaXXVVPQDA9S8",
  "_lnijffcXYWWVSUSZVVYZKNC84",
  "_oplmjlijiggffdelhgggYZUSBD353",
  "_qroqoolnkmkliljutupqmlklheRS81",
  "_rsoonokoloknkmjvwywyuuuskkdC78551",
  "ucQaSYWXTWRbZWWXjkonsrsjxrcQOJIDFBB43",
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
  "_jjTTPNCF0BF000F",
  "_ijWXKIDDAA77118E287",
  "_rriiccYWVVPOMQQVKNB5",
  "_uusspqoollhiffgoihaU996622",
  "trooropopqksrpqq-xzzuogbZUTPQMMFB2",
  "gccccccccccccccconrrvuyx-z_zzvvqoihccZZVSJC1",
  // OffsetStart
  "_uuoomljjggffeecolmgheUB",
  "_lkcbVSRSJRHB886RCC76",
  "_tsrpnommkkjjjkgqkkeeYXMNKJD8",
  "_mmkkiihifgfffgcliicYYYEA651",
  "-lkkkklkjkkgghgerojhdWVPPLMIH951",
  "fbbbbbbbbbbbbbbbnnrquuxx-z_z-wvqpjiccZaWTLE1",
  // OffsetKey
  "_lkilkmkmiijjjhjtstntqrrqsodBP5b21",
  "tppoooooooooooonzy_z_yytsmlfeabYXRNA3",
  "tfcgeecaccXcefXenkqppprqtqqjkkbjUQRONHD51",
  "_ZXXVXWcYZRcWZNXifhhjijkljnjmlpoPJIEFCB51",
  "_adYYdZaZbaXZbbXmmpkrjimfeeMLGHEE84",
  "hdddddddddddddddoowvyuxwywxtrmlfeZZWXSPG9",
  // Flags, in the order of FlagTable
  "_h",
  "_q",
  "_P",
  "_s",
  "_m",
  "_n",
  "t_",
];
