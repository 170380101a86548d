// Made by scripts/train-stream-tables.ts from 6 clips: not to be edited by hand.
// Version 1 of the stream encoding's numbers; any other numbers are another version.
//
// One text a table, one character a symbol (models.ts, LEVELS), zeros at the end left out. Each set has a
// table for each of KNOT_CLASSES, in their order; flags follow.
export const KNOT_TABLES: readonly string[] = [
  // Rotation
  "_ccRRNMJIHGDEDCCKGECA7411",
  "_kkaZTVTQMLNNKLKOKKAFD802",
  "_wwqqmmiiffccaaYhcaWUNNED56",
  "_zzyyxwvvuustsrqzvvpoihaZRR4",
  "onmnnonnnnnnnnmmyy_z-vupmgdMA6743",
  "eaaaadaaaaaaaadannrrvvzx_xyttmkfdYYVWRQHA1",
  // RotationBlind
  "_ggbbYYWWVUTTSRQbYYVWRRKK8",
  "_oolkeebcXZWWTQTdZWMKHI8D",
  "_qqmmkkijghfeeedmhfbZURJI7",
  "_rrponnmmllkjjijtqrpqljcUPG11",
  "_rqonmmlmmkjjjkjuuyvxuurqlgTIFGCC62",
  "hdddddddddddddddpptswvzy_z_yytsmlfeabYXRNA3",
  // RotationKey
  "_WXUWSVRVTTSTSTRdcebecfbcbZRXM",
  "_kmklhjijeaddbcZnjjiifgfYaGCB41",
  "_iiihggggfhghfheqmoklklhgaWQ743",
  "_mkfhfhfgeededdammpmqoqklgicN6312",
  "_kmikgkgigjgihifrqtssrtqsoxoYRD9955221",
  "cVgZWVcSgVVXSXZfljqsuqsqsswqu-idbWUQRNNHE51",
  // WeightInside
  "_nnXXSSMPKMHKIIGPNKFB67471",
  "_ppabSUQQOLILIKBSNH966",
  "_xvpokkfhdeZbXYWfbZVQLLFI",
  "_--zzxyvwtustqrq-yytqhgbZSEA93",
  "oloplomnplonnmmnzy_zzyytudXSRMNKKEA2",
  "gccccccccccccccconrrvuyx-z_zzvupnihbcZZVSI9",
  // WeightAtEnd
  "_4Q6K1H5G2609020EDE9E5B026",
  "_QYFT7I331C1H0H03H60B00IB",
  "_ajTZNZJYEVBP8M6VOUIHM1BH",
  "_gkflfocrboakYgYkhkikbVPQHGA71",
  "sijiihjhhhhhhhhgst-zxssooieZXTURRKG4",
  "fbbbbbbbbbbbbbbbnnrruuyx-z_z-vvqojhccZZVTKC1",
  // WeightBlindInside
  "_rriiffccabYZXXVfccYXTSOK8",
  "_uupommkkjiijggcspigdQaNNIE4",
  "_yyttnolljjhgeecpmljhZYUTMF73",
  "wsronmljikjkklll-urlidcUYHIEE95",
  "rmokjkjhhklgiiierrusvyymmgdYWRROPKI83",
  "eaaaaaaaaaaaaaaammqqutxwzz_z-wvqpjidcZaWVNG3",
  // WeightBlindAtEnd
  "_FQ4K0HGG0H0A060HILAJEC60A",
  "_ggVVNRIIFFCCBB9IDAL",
  "_hkYbRVLTHHEECHAKUOK5",
  "_kkgidfacXYVWSSRgZZUVIJEC42",
  "_mnmmllllllkkkmjvuwtvtrlicbXXTTPLB5",
  "eaaaaaaaaaaaaaaammqqutxwzz_z-wwrpkiddabWVNG3",
  // WeightKey
  "_JXJaIXIXIbIdHhHtnomtrpinmE984511",
  "_kkhhddaaXXVVSSQiTRMMXJEC2",
  "_bgbbaaZZZcYeYbXmltnokghPKJGHDB3",
  "_WmWpWpVpVtVsUuU-usotquopmNIIFGB93",
  "xRSRWQeQkQkQlQmPuttrzysmjaOIHDDAA52",
  "hdddddddddddddddppsswvzy_z_yytsmlgebbYXSNB3",
  // Offset
  "_jjTSMKGG0GF000F1F",
  "_ijXZLKGD6644228A4A7",
  "_rriicbYYWVKOOPLVMBF6",
  "_uvssqqoolkhigffpjhaSDDAA53",
  "ssqrsppqqqpprsqo-y-zvpkedXWSTQPJF4",
  "fbbbbbbbbbbbbbbbnnqquuxxzz_z-wvqpjidcZaWUMF2",
  // OffsetStart
  "_vvonllhifgccefcnklgfdMF21",
  "_llcbSNMHIIAA88LPCC51",
  "_ssrqoomnllkkijirmngfaUQRONGB1",
  "_ppnnijlkhigfiibnikeaQPLMIHB6",
  "-qqppqqooponnmmlwuuqojhcbWXTTOKA51",
  "eaaaaaaaaaaaaaaammqqutxwzz_z-wwrqkiddabWVNH4",
  // OffsetKey
  "_ljimlnkmihkkihktstntqrrqsoSIRCbA65",
  "xssssrrrrqqqqppp-z_yzutomhgbcYYSOD61",
  "ugegebbbeebebebgomsrtsvuvsrmmkejXUVRQKF4",
  "_SPSSaXbVaTdRURYjgkkllonqnqnplqnXRQMNKJD9",
  "_ZdfceaccabdcdeZnorotpppmkiaYTROPLLFA1",
  "jeeeeeeeeeeeeeeeqrwvxwzz_z-wwrqkidcZaWVNG4",
  // Flags, in the order of FlagTable
  "_h",
  "_d",
  "_q",
  "_f",
  "_t",
  "_Q",
  "_q",
  "_m",
  "_q",
  "x_",
  "_RFO",
  "_rqs",
  "_Zhi",
  "_usq",
];
