"""XLSForm workbook <-> model: `reader.read` gives a draft, `writer.write` what reads as the same, `xform.to_xform` ODK's XML.

The normal form, up to which a foreign workbook comes out again as it went in:

- columns have their modern names and one column per language (`label::Tiếng Việt (vi)`), expressions straight quotes;
- `or_other` is a choice `other` and a text question `<name>_other`; a note without a name is `note_<row>`;
- formulas are the results that their file holds;
- comments, cells under no column's name, disabled rows, empty groups, questions of types that are not taken, and what speaks
  of those alone: gone, each told;
- what XLSForm cannot say stands in columns with the prefix `par_` (not `par::`: pyxform takes `::` for a language, and fails on
  it in choices), mappings that columns cannot hold as JSON in `par_extra`, `par_attributes`, `par_parameters`.
"""
