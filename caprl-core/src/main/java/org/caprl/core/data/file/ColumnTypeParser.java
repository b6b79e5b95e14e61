package org.caprl.core.data.file;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Reads DuckDB's notation of types: {@code STRUCT("a b" VARCHAR, c INTEGER[])[]}, {@code DECIMAL(4,1)}, {@code MAP(VARCHAR, DATE)}. */
final class ColumnTypeParser {
    private final String text;
    private int at;

    ColumnTypeParser(String text) {
        this.text = text;
    }

    ColumnType whole() {
        ColumnType type = type();
        if (at != text.length()) {
            throw unexpected();
        }
        return type;
    }

    private ColumnType type() {
        ColumnType type = text.startsWith("STRUCT(", at) ? struct() : scalar();
        while (text.startsWith("[]", at)) {
            at += 2;
            type = new ColumnType.ListOf(type);
        }
        return type;
    }

    private ColumnType struct() {
        SequencedMap<String, ColumnType> fields = new LinkedHashMap<>();
        at += "STRUCT(".length();
        while (true) {
            String name = name();
            skip(" ");
            fields.put(name, type());
            if (text.startsWith(")", at)) {
                at++;
                return new ColumnType.Struct(fields);
            }
            skip(", ");
        }
    }

    /** A field's name, quoted where it is no plain word. */
    private String name() {
        if (!text.startsWith("\"", at)) {
            int end = text.indexOf(' ', at);
            if (end < 0) {
                throw unexpected();
            }
            String name = text.substring(at, end);
            at = end;
            return name;
        }
        int from = at;
        closingQuote('"');
        return text.substring(from + 1, at - 1).replace("\"\"", "\"");
    }

    /** Everything up to the end of the type, arguments in parentheses included; a fixed length {@code [3]} belongs to the name. */
    private ColumnType scalar() {
        int from = at;
        int depth = 0;
        for (; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '\'' || c == '"') {
                closingQuote(c);
                at--;
            } else if (c == '(') {
                depth++;
            } else if (depth > 0 && c == ')') {
                depth--;
            } else if (depth == 0 && (c == ',' || c == ')' || text.startsWith("[]", at))) {
                break;
            }
        }
        if (at == from || depth > 0) {
            throw unexpected();
        }
        String name = text.substring(from, at);
        return new ColumnType.Scalar(name.equals("\"NULL\"") ? "NULL" : name);
    }

    /** Moves behind the quote that ends what begins here; a doubled one is a part of it. */
    private void closingQuote(char quote) {
        do {
            at = text.indexOf(quote, at + 1) + 1;
            if (at == 0) {
                at = text.length();
                throw unexpected();
            }
        } while (at < text.length() && text.charAt(at) == quote);
    }

    private void skip(String expected) {
        if (!text.startsWith(expected, at)) {
            throw unexpected();
        }
        at += expected.length();
    }

    private IllegalStateException unexpected() {
        return new IllegalStateException("can't read the type '" + text + "' at character " + at);
    }
}
