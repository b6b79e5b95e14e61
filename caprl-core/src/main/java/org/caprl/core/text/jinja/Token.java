package org.caprl.core.text.jinja;

/** One token of a template; {@code text} is the decoded value of a STRING and the verbatim text of all others. */
record Token(Kind kind, String text, int line) {
    enum Kind { DATA, OUTPUT_BEGIN, OUTPUT_END, TAG_BEGIN, TAG_END, NAME, STRING, INTEGER, FLOAT, OPERATOR, END }

    boolean is(Kind wanted, String value) {
        return kind == wanted && text.equals(value);
    }

    String describe() {
        return kind == Kind.END ? "the end of the template" : "'" + text + "'";
    }
}
