// SPDX-License-Identifier: Apache-2.0

/// The language of a verbose answer: OpenAI writes whisper's name of it, `german`; many compatible servers write `de`.
enum WhisperLanguage {
    private static let tags: [String: String] = {
        let words = table.split(whereSeparator: \.isWhitespace).map(String.init)
        let pairs = stride(from: 0, to: words.count - 1, by: 2).map { (words[$0 + 1], words[$0]) }
        return Dictionary(pairs) { first, _ in first }
    }()

    /// The BCP 47 tag; nil for what is neither a name nor a tag.
    static func tag(_ language: String) -> String? {
        let name = language.lowercased()
        if let tag = tags[name] { return tag }
        let primary = name.prefix { $0 != "-" }
        guard name.utf8.count <= 35, (2...3).contains(primary.utf8.count),
            name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
        else { return nil }
        return String(primary) + String(language.dropFirst(primary.count))
    }

    private static let table = """
        en english  zh chinese  de german  es spanish  ru russian  ko korean  fr french  ja japanese  pt portuguese
        tr turkish  pl polish  ca catalan  nl dutch  ar arabic  sv swedish  it italian  id indonesian  hi hindi
        fi finnish  vi vietnamese  he hebrew  uk ukrainian  el greek  ms malay  cs czech  ro romanian  da danish
        hu hungarian  ta tamil  no norwegian  th thai  ur urdu  hr croatian  bg bulgarian  lt lithuanian  la latin
        mi maori  ml malayalam  cy welsh  sk slovak  te telugu  fa persian  lv latvian  bn bengali  sr serbian
        az azerbaijani  sl slovenian  kn kannada  et estonian  mk macedonian  br breton  eu basque  is icelandic
        hy armenian  ne nepali  mn mongolian  bs bosnian  kk kazakh  sq albanian  sw swahili  gl galician
        mr marathi  pa punjabi  si sinhala  km khmer  sn shona  yo yoruba  so somali  af afrikaans  oc occitan
        ka georgian  be belarusian  tg tajik  sd sindhi  gu gujarati  am amharic  yi yiddish  lo lao  uz uzbek
        fo faroese  ps pashto  tk turkmen  nn nynorsk  mt maltese  sa sanskrit  lb luxembourgish  my myanmar
        bo tibetan  tl tagalog  mg malagasy  as assamese  tt tatar  ln lingala  ha hausa  ba bashkir  jv javanese
        su sundanese  haw hawaiian  yue cantonese
        """
}
