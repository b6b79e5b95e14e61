package org.caprl.core.text.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.caprl.core.text.jinja.Token.Kind;

/** Builds the tree of a template; precedence is Jinja's. */
final class Parser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    /** Words that end a test without an argument, as in {@code x is defined and y}. */
    private static final Set<String> AFTER_TEST = Set.of("else", "or", "and", "is", "if", "in", "not");

    private final String name;
    private final List<Token> tokens;
    private int next;

    private Parser(String name, List<Token> tokens) {
        this.name = name;
        this.tokens = tokens;
    }

    static List<Node> parse(String name, String source) {
        Parser parser = new Parser(name, Lexer.tokens(name, source));
        List<Node> nodes = parser.body();
        if (parser.peek().kind() != Kind.END) {
            throw parser.error("'" + parser.peekTag() + "' closes nothing");
        }
        return nodes;
    }

    // ---- statements

    /** Reads nodes up to a tag that only an enclosing statement understands (else, endfor, …) or the end. */
    private List<Node> body() {
        List<Node> nodes = new ArrayList<>();
        while (true) {
            Token token = peek();
            switch (token.kind()) {
                case END -> {
                    return nodes;
                }
                case DATA -> nodes.add(new Node.Text(take().text(), token.line()));
                case OUTPUT_BEGIN -> {
                    take();
                    nodes.add(new Node.Output(expressionList(), token.line()));
                    expect(Kind.OUTPUT_END, "}}");
                }
                default -> {
                    String tag = peekTag();
                    if (tag.equals("else") || tag.equals("elif") || tag.startsWith("end")) {
                        return nodes;
                    }
                    nodes.add(statement());
                }
            }
        }
    }

    private Node statement() {
        int line = take().line();
        Token tag = take();
        return switch (tag.text()) {
            case "if" -> ifStatement(line);
            case "for" -> forStatement(line);
            case "set" -> setStatement(line);
            case "macro" -> macroStatement(line);
            case "generation" -> {
                endTag();
                yield new Node.Generation(bodyUntil("endgeneration", line), line);
            }
            case "break" -> {
                endTag();
                yield new Node.Break(line);
            }
            case "continue" -> {
                endTag();
                yield new Node.Continue(line);
            }
            default -> throw error("the tag " + tag.describe()
                    + " is not supported; known are if, for, set, macro, generation, break and continue");
        };
    }

    private Node ifStatement(int line) {
        List<Expr> conditions = new ArrayList<>();
        List<List<Node>> branches = new ArrayList<>();
        List<Node> otherwise = List.of();
        conditions.add(expression());
        endTag();
        branches.add(body());
        while (true) {
            String tag = closingTag("endif", line);
            if (tag.equals("elif")) {
                conditions.add(expression());
                endTag();
                branches.add(body());
            } else if (tag.equals("else")) {
                endTag();
                otherwise = bodyUntil("endif", line);
                return new Node.If(conditions, branches, otherwise, line);
            } else {
                endTag();
                return new Node.If(conditions, branches, otherwise, line);
            }
        }
    }

    private Node forStatement(int line) {
        List<String> targets = targets();
        expectName("in");
        Expr items = or();
        Expr filter = null;
        if (peek().is(Kind.NAME, "if")) {
            take();
            filter = expression();
        }
        endTag();
        List<Node> body = body();
        List<Node> otherwise = List.of();
        String tag = closingTag("endfor", line);
        endTag();
        if (tag.equals("else")) {
            otherwise = bodyUntil("endfor", line);
        }
        return new Node.For(targets, items, filter, body, otherwise, line);
    }

    private Node setStatement(int line) {
        List<String> targets = targets();
        if (targets.size() == 1 && takeIf(".")) {
            String attribute = expect(Kind.NAME, "an attribute name").text();
            expectOperator("=");
            Node.SetAttribute node = new Node.SetAttribute(targets.getFirst(), attribute, expressionList(), line);
            endTag();
            return node;
        }
        if (takeIf("=")) {
            Node.Set node = new Node.Set(targets, expressionList(), line);
            endTag();
            return node;
        }
        endTag();
        return new Node.SetBlock(targets.getFirst(), bodyUntil("endset", line), line);
    }

    private Node macroStatement(int line) {
        String macro = expect(Kind.NAME, "a macro name").text();
        List<String> parameters = new ArrayList<>();
        List<Expr> defaults = new ArrayList<>();
        expectOperator("(");
        while (!takeIf(")")) {
            parameters.add(expect(Kind.NAME, "a parameter name").text());
            if (takeIf("=")) {
                defaults.add(expression());
            } else if (!defaults.isEmpty()) {
                throw error("parameter '" + parameters.getLast() + "' without a default follows one with a default");
            }
            if (!peek().is(Kind.OPERATOR, ")")) {
                expectOperator(",");
            }
        }
        endTag();
        return new Node.Macro(macro, parameters, defaults, bodyUntil("endmacro", line), line);
    }

    private List<String> targets() {
        boolean parenthesis = takeIf("(");
        List<String> targets = new ArrayList<>();
        do {
            targets.add(expect(Kind.NAME, "a variable name").text());
        } while (takeIf(","));
        if (parenthesis) {
            expectOperator(")");
        }
        return targets;
    }

    private List<Node> bodyUntil(String end, int openLine) {
        List<Node> nodes = body();
        String tag = closingTag(end, openLine);
        if (!tag.equals(end)) {
            throw error("expected '" + end + "' for the tag of line " + openLine + ", found '" + tag + "'");
        }
        endTag();
        return nodes;
    }

    /** Takes the begin and the name of a tag that may close or continue the open statement. */
    private String closingTag(String end, int openLine) {
        if (peek().kind() == Kind.END) {
            throw error("the tag of line " + openLine + " has no '" + end + "'");
        }
        take();
        Token tag = take();
        boolean branch = tag.text().equals("else") || tag.text().equals("elif") && end.equals("endif");
        if (!tag.text().equals(end) && !branch) {
            throw error("expected '" + end + "' for the tag of line " + openLine + ", found '" + tag.text() + "'");
        }
        return tag.text();
    }

    // ---- expressions, loosest binding first

    /** An expression, or several with commas between, which make a list. */
    private Expr expressionList() {
        Expr first = expression();
        if (!peek().is(Kind.OPERATOR, ",")) {
            return first;
        }
        List<Expr> items = new ArrayList<>(List.of(first));
        while (takeIf(",")) {
            if (peek().kind() == Kind.TAG_END || peek().kind() == Kind.OUTPUT_END) {
                break;
            }
            items.add(expression());
        }
        return new Expr.ListOf(items);
    }

    private Expr expression() {
        Expr value = or();
        while (peek().is(Kind.NAME, "if")) {
            take();
            Expr condition = or();
            Expr otherwise = null;
            if (peek().is(Kind.NAME, "else")) {
                take();
                otherwise = expression();
            }
            value = new Expr.Conditional(condition, value, otherwise);
        }
        return value;
    }

    private Expr or() {
        Expr left = and();
        while (takeIfName("or")) {
            left = new Expr.Or(left, and());
        }
        return left;
    }

    private Expr and() {
        Expr left = not();
        while (takeIfName("and")) {
            left = new Expr.And(left, not());
        }
        return left;
    }

    private Expr not() {
        return takeIfName("not") ? new Expr.Not(not()) : compare();
    }

    private Expr compare() {
        Expr first = sum();
        List<String> operators = new ArrayList<>();
        List<Expr> rest = new ArrayList<>();
        while (true) {
            Token token = peek();
            if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text())) {
                operators.add(take().text());
            } else if (takeIfName("in")) {
                operators.add("in");
            } else if (token.is(Kind.NAME, "not") && tokens.get(next + 1).is(Kind.NAME, "in")) {
                take();
                take();
                operators.add("not in");
            } else {
                return rest.isEmpty() ? first : new Expr.Compare(first, operators, rest);
            }
            rest.add(sum());
        }
    }

    private Expr sum() {
        Expr left = concat();
        while (peek().is(Kind.OPERATOR, "+") || peek().is(Kind.OPERATOR, "-")) {
            left = new Expr.Binary(take().text(), left, concat());
        }
        return left;
    }

    private Expr concat() {
        Expr left = product();
        while (takeIf("~")) {
            left = new Expr.Binary("~", left, product());
        }
        return left;
    }

    private Expr product() {
        Expr left = power();
        while (peek().kind() == Kind.OPERATOR && List.of("*", "/", "//", "%").contains(peek().text())) {
            left = new Expr.Binary(take().text(), left, power());
        }
        return left;
    }

    private Expr power() {
        Expr left = unary(true);
        while (takeIf("**")) {
            left = new Expr.Binary("**", left, unary(true));
        }
        return left;
    }

    private Expr unary(boolean withFilters) {
        Expr value;
        if (peek().is(Kind.OPERATOR, "-") || peek().is(Kind.OPERATOR, "+")) {
            value = new Expr.Sign(take().text().equals("-"), unary(false));
        } else {
            value = postfix(primary());
        }
        return withFilters ? filtersAndTests(value) : value;
    }

    private Expr primary() {
        Token token = take();
        return switch (token.kind()) {
            case NAME -> switch (token.text()) {
                case "true", "True" -> new Expr.Literal(true);
                case "false", "False" -> new Expr.Literal(false);
                case "none", "None" -> new Expr.Literal(null);
                default -> new Expr.Name(token.text());
            };
            case STRING -> {
                StringBuilder text = new StringBuilder(token.text());
                while (peek().kind() == Kind.STRING) {
                    text.append(take().text());
                }
                yield new Expr.Literal(text.toString());
            }
            case INTEGER -> new Expr.Literal(Long.parseLong(token.text()));
            case FLOAT -> new Expr.Literal(Double.parseDouble(token.text()));
            case OPERATOR -> switch (token.text()) {
                case "(" -> parenthesis();
                case "[" -> new Expr.ListOf(itemsUntil("]"));
                case "{" -> dict();
                default -> throw error("expected an expression, found " + token.describe());
            };
            default -> throw error("expected an expression, found " + token.describe());
        };
    }

    private Expr parenthesis() {
        if (takeIf(")")) {
            return new Expr.ListOf(List.of());
        }
        Expr first = expression();
        if (takeIf(")")) {
            return first;
        }
        expectOperator(",");
        List<Expr> items = new ArrayList<>(List.of(first));
        items.addAll(itemsUntil(")"));
        return new Expr.ListOf(items);
    }

    private List<Expr> itemsUntil(String close) {
        List<Expr> items = new ArrayList<>();
        while (!takeIf(close)) {
            items.add(expression());
            if (!peek().is(Kind.OPERATOR, close)) {
                expectOperator(",");
            }
        }
        return items;
    }

    private Expr dict() {
        List<Expr> keys = new ArrayList<>();
        List<Expr> values = new ArrayList<>();
        while (!takeIf("}")) {
            keys.add(expression());
            expectOperator(":");
            values.add(expression());
            if (!peek().is(Kind.OPERATOR, "}")) {
                expectOperator(",");
            }
        }
        return new Expr.DictOf(keys, values);
    }

    private Expr postfix(Expr start) {
        Expr value = start;
        while (true) {
            if (takeIf(".")) {
                Token attribute = take();
                value = switch (attribute.kind()) {
                    case NAME -> new Expr.Attribute(value, attribute.text());
                    case INTEGER -> new Expr.Item(value, new Expr.Literal(Long.parseLong(attribute.text())));
                    default -> throw error("expected an attribute name after '.', found " + attribute.describe());
                };
            } else if (takeIf("[")) {
                value = subscript(value);
            } else if (peek().is(Kind.OPERATOR, "(")) {
                value = new Expr.Call(value, arguments());
            } else {
                return value;
            }
        }
    }

    private Expr subscript(Expr target) {
        Expr[] parts = new Expr[3];
        int colons = 0;
        while (!peek().is(Kind.OPERATOR, "]")) {
            if (takeIf(":")) {
                if (++colons > 2) {
                    throw error("a slice has at most three parts");
                }
            } else if (parts[colons] == null) {
                parts[colons] = expression();
            } else {
                throw error("expected ']', found " + peek().describe());
            }
        }
        take();
        if (colons > 0) {
            return new Expr.Slice(target, parts[0], parts[1], parts[2]);
        }
        if (parts[0] == null) {
            throw error("expected a key between '[' and ']'");
        }
        return new Expr.Item(target, parts[0]);
    }

    private Expr filtersAndTests(Expr start) {
        Expr value = start;
        while (true) {
            if (takeIf("|")) {
                String filter = expect(Kind.NAME, "a filter name").text();
                value = new Expr.Filter(value, filter, peek().is(Kind.OPERATOR, "(") ? arguments() : Expr.Arguments.NONE);
            } else if (takeIfName("is")) {
                value = test(value);
            } else if (peek().is(Kind.OPERATOR, "(")) {
                value = new Expr.Call(value, arguments());
            } else {
                return value;
            }
        }
    }

    private Expr test(Expr target) {
        boolean negated = takeIfName("not");
        String test = expect(Kind.NAME, "a test name").text();
        Token token = peek();
        Expr.Arguments arguments = Expr.Arguments.NONE;
        if (token.is(Kind.OPERATOR, "(")) {
            arguments = arguments();
        } else {
            boolean argument = switch (token.kind()) {
                case NAME -> !AFTER_TEST.contains(token.text());
                case STRING, INTEGER, FLOAT -> true;
                case OPERATOR -> token.text().equals("[") || token.text().equals("{");
                default -> false;
            };
            if (argument) {
                arguments = new Expr.Arguments(List.of(postfix(primary())), Map.of());
            }
        }
        return new Expr.Test(target, test, arguments, negated);
    }

    private Expr.Arguments arguments() {
        expectOperator("(");
        List<Expr> positional = new ArrayList<>();
        Map<String, Expr> named = new LinkedHashMap<>();
        while (!takeIf(")")) {
            if (peek().kind() == Kind.NAME && tokens.get(next + 1).is(Kind.OPERATOR, "=")) {
                String key = take().text();
                take();
                named.put(key, expression());
            } else {
                positional.add(expression());
            }
            if (!peek().is(Kind.OPERATOR, ")")) {
                expectOperator(",");
            }
        }
        return new Expr.Arguments(positional, named);
    }

    // ---- tokens

    private Token peek() {
        return tokens.get(next);
    }

    private String peekTag() {
        return tokens.get(next + 1).text();
    }

    private Token take() {
        Token token = tokens.get(next);
        if (token.kind() != Kind.END) {
            next++;
        }
        return token;
    }

    private boolean takeIf(String operator) {
        boolean found = peek().is(Kind.OPERATOR, operator);
        if (found) {
            next++;
        }
        return found;
    }

    private boolean takeIfName(String word) {
        boolean found = peek().is(Kind.NAME, word);
        if (found) {
            next++;
        }
        return found;
    }

    private Token expect(Kind kind, String what) {
        Token token = peek();
        if (token.kind() != kind) {
            throw error("expected " + what + ", found " + token.describe());
        }
        return take();
    }

    private void expectOperator(String operator) {
        if (!takeIf(operator)) {
            throw error("expected '" + operator + "', found " + peek().describe());
        }
    }

    private void expectName(String word) {
        if (!takeIfName(word)) {
            throw error("expected '" + word + "', found " + peek().describe());
        }
    }

    private void endTag() {
        expect(Kind.TAG_END, "'%}'");
    }

    private JinjaException error(String fault) {
        return new JinjaException(name, peek().line(), fault);
    }
}
