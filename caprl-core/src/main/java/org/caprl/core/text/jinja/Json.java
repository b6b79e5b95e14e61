package org.caprl.core.text.jinja;

import java.util.List;
import java.util.Map;

/** Writes JSON as Python's {@code json.dumps(value, ensure_ascii=False)} does, which is what transformers' {@code tojson} is. */
final class Json {
    private final StringBuilder out = new StringBuilder();
    /** Spaces of one level; negative for one line with {@code ", "} and {@code ": "}. */
    private final int indent;

    private Json(int indent) {
        this.indent = indent;
    }

    static String dumps(Object value, int indent) {
        Json json = new Json(indent);
        json.value(value, 0);
        return json.out.toString();
    }

    private void value(Object value, int depth) {
        switch (value) {
            case null -> out.append("null");
            case Boolean b -> out.append(b);
            case Number n -> out.append(Python.text(n));
            case String s -> string(s);
            case List<?> list -> {
                out.append('[');
                boolean first = true;
                for (Object item : list) {
                    separator(first, depth + 1);
                    value(item, depth + 1);
                    first = false;
                }
                end(first, depth);
                out.append(']');
            }
            case Map<?, ?> map -> {
                out.append('{');
                boolean first = true;
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    separator(first, depth + 1);
                    string(Python.text(entry.getKey()));
                    out.append(": ");
                    value(entry.getValue(), depth + 1);
                    first = false;
                }
                end(first, depth);
                out.append('}');
            }
            default -> throw new Fault("tojson cannot write " + Python.kind(value));
        }
    }

    private void separator(boolean first, int depth) {
        if (!first) {
            out.append(indent < 0 ? ", " : ",");
        }
        newline(depth);
    }

    private void end(boolean empty, int depth) {
        if (!empty) {
            newline(depth);
        }
    }

    private void newline(int depth) {
        if (indent >= 0) {
            out.append('\n').repeat(' ', indent * depth);
        }
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < 0x20) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
