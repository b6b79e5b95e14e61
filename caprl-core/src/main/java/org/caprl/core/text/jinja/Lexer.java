package org.caprl.core.text.jinja;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.text.jinja.Token.Kind;

/**
 * Splits a template into tokens, with Jinja's rules for white space under {@code trim_blocks=True, lstrip_blocks=True,
 * keep_trailing_newline=False}.
 */
final class Lexer {
    /** Longest first, so that {@code **} is not read as two {@code *}. */
    private static final List<String> OPERATORS = List.of("**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "[", "]", "(",
            ")", "{", "}", ">", "<", "=", ".", ":", "|", ",");

    private final String name;
    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int pos;
    private int line = 1;
    /** True where the text that follows starts a line: lstrip_blocks needs it after a trimmed newline. */
    private boolean lineStarting = true;

    private Lexer(String name, String source) {
        this.name = name;
        String unix = source.replace("\r\n", "\n").replace('\r', '\n');
        this.source = unix.endsWith("\n") ? unix.substring(0, unix.length() - 1) : unix;
    }

    static List<Token> tokens(String name, String source) {
        return new Lexer(name, source).run();
    }

    private List<Token> run() {
        while (pos < source.length()) {
            int begin = nextBegin();
            if (begin < 0) {
                data(source.substring(pos), source.length());
                break;
            }
            char type = source.charAt(begin + 1);
            char sign = begin + 2 < source.length() ? source.charAt(begin + 2) : 0;
            boolean signed = sign == '-' || sign == '+';
            data(stripped(source.substring(pos, begin), type, sign), begin);
            switch (type) {
                case '#' -> comment(begin);
                case '%' -> code(begin, signed, Kind.TAG_BEGIN, Kind.TAG_END, "%}");
                default -> code(begin, signed, Kind.OUTPUT_BEGIN, Kind.OUTPUT_END, "}}");
            }
        }
        tokens.add(new Token(Kind.END, "", line));
        return tokens;
    }

    private int nextBegin() {
        for (int i = source.indexOf('{', pos); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            char next = source.charAt(i + 1);
            if (next == '{' || next == '%' || next == '#') {
                return i;
            }
        }
        return -1;
    }

    private String stripped(String text, char type, char sign) {
        if (sign == '-') {
            return Methods.strip(text, Python::isSpace, false, true);
        }
        if (sign == '+' || type == '{') {
            return text;
        }
        int lineStart = text.lastIndexOf('\n') + 1;
        boolean blank = text.substring(lineStart).chars().allMatch(Python::isSpace);
        return blank && (lineStart > 0 || lineStarting) ? text.substring(0, lineStart) : text;
    }

    private void data(String text, int end) {
        if (!text.isEmpty()) {
            tokens.add(new Token(Kind.DATA, text, line));
        }
        advance(end);
    }

    private void advance(int end) {
        if (end > pos) {
            lineStarting = source.charAt(end - 1) == '\n';
            for (int i = pos; i < end; i++) {
                if (source.charAt(i) == '\n') {
                    line++;
                }
            }
            pos = end;
        }
    }

    private void comment(int begin) {
        int close = source.indexOf("#}", begin + 2);
        if (close < 0) {
            throw error("the comment that starts here has no '#}'");
        }
        endOfTag(source.charAt(close - 1), close + 2, true);
    }

    /** Skips the white space that the end of a tag swallows: all of it after a minus, one newline otherwise where blocks are trimmed. */
    private void endOfTag(char sign, int end, boolean trimNewline) {
        int stop = end;
        if (sign == '-') {
            while (stop < source.length() && Python.isSpace(source.charAt(stop))) {
                stop++;
            }
        } else if (trimNewline && sign != '+' && stop < source.length() && source.charAt(stop) == '\n') {
            stop++;
        }
        advance(stop);
    }

    private void code(int begin, boolean signed, Kind beginKind, Kind endKind, String endText) {
        tokens.add(new Token(beginKind, source.substring(begin, begin + 2), line));
        advance(begin + (signed ? 3 : 2));
        int depth = 0;
        while (true) {
            while (pos < source.length() && Python.isSpace(source.charAt(pos))) {
                advance(pos + 1);
            }
            if (pos >= source.length()) {
                throw error("the tag has no '" + endText + "'");
            }
            char c = source.charAt(pos);
            if (depth == 0) {
                boolean sign = c == '-' || c == '+' && endKind == Kind.TAG_END;
                if (source.startsWith(endText, sign ? pos + 1 : pos)) {
                    tokens.add(new Token(endKind, endText, line));
                    endOfTag(c, pos + (sign ? 3 : 2), endKind == Kind.TAG_END);
                    return;
                }
            }
            if (c == '\'' || c == '"') {
                string(c);
            } else if (Character.isDigit(c)) {
                number();
            } else if (Character.isJavaIdentifierStart(c) && c != '$') {
                int end = pos;
                while (end < source.length() && Character.isJavaIdentifierPart(source.charAt(end))) {
                    end++;
                }
                emit(Kind.NAME, end);
            } else {
                String operator = operator();
                depth += switch (operator) {
                    case "(", "[", "{" -> 1;
                    case ")", "]", "}" -> -1;
                    default -> 0;
                };
                emit(Kind.OPERATOR, pos + operator.length());
            }
        }
    }

    private void emit(Kind kind, int end) {
        tokens.add(new Token(kind, source.substring(pos, end), line));
        advance(end);
    }

    private String operator() {
        for (String operator : OPERATORS) {
            if (source.startsWith(operator, pos)) {
                return operator;
            }
        }
        throw error("unexpected character '" + source.charAt(pos) + "'");
    }

    private void number() {
        int whole = digits(pos);
        int end = whole;
        if (end + 1 < source.length() && source.charAt(end) == '.' && Character.isDigit(source.charAt(end + 1))) {
            end = digits(end + 1);
        }
        if (end < source.length() && (source.charAt(end) == 'e' || source.charAt(end) == 'E')) {
            boolean signed = end + 1 < source.length() && "+-".indexOf(source.charAt(end + 1)) >= 0;
            int exponent = end + (signed ? 2 : 1);
            end = digits(exponent) > exponent ? digits(exponent) : end;
        }
        emit(end > whole ? Kind.FLOAT : Kind.INTEGER, end);
    }

    private int digits(int from) {
        int end = from;
        while (end < source.length() && Character.isDigit(source.charAt(end))) {
            end++;
        }
        return end;
    }

    private void string(char quote) {
        StringBuilder value = new StringBuilder();
        int start = line;
        int i = pos + 1;
        while (i < source.length() && source.charAt(i) != quote) {
            char c = source.charAt(i++);
            if (c != '\\' || i == source.length()) {
                value.append(c);
                continue;
            }
            char escaped = source.charAt(i++);
            switch (escaped) {
                case 'n' -> value.append('\n');
                case 't' -> value.append('\t');
                case 'r' -> value.append('\r');
                case '\\', '\'', '"' -> value.append(escaped);
                case '\n' -> { }
                case 'u', 'x' -> {
                    int length = escaped == 'u' ? 4 : 2;
                    try {
                        value.append((char) Integer.parseInt(source.substring(i, Math.min(i + length, source.length())), 16));
                    } catch (NumberFormatException e) {
                        throw error("'\\" + escaped + "' needs " + length + " hexadecimal digits");
                    }
                    i += length;
                }
                default -> value.append('\\').append(escaped);
            }
        }
        if (i >= source.length()) {
            throw error("the string that starts here has no closing " + quote);
        }
        advance(i + 1);
        tokens.add(new Token(Kind.STRING, value.toString(), start));
    }

    private JinjaException error(String fault) {
        return new JinjaException(name, line, fault);
    }
}
