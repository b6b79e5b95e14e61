package org.caprl.core.config;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * A YAML value that knows where it was written. Scalars stay text: what a scalar means is decided by the key that receives it, so
 * that {@code 1e-5} is a number and {@code no} a text, whatever a YAML version says.
 */
sealed interface Yaml {
    /** {@code file:line}, or {@code command line: key=value}. */
    String where();

    /** What a message shows as found. */
    String shown();

    /** @param quoted whether it stood in quotes, which makes {@code "null"} a text */
    record Scalar(String text, boolean quoted, String where) implements Yaml {
        boolean isNull() {
            return !quoted && (text.isEmpty() || text.equals("~") || text.equals("null"));
        }

        @Override
        public String shown() {
            return isNull() ? "no value" : "'" + text + "'";
        }
    }

    /** A list. */
    record Sequence(List<Yaml> items, String where) implements Yaml {
        @Override
        public String shown() {
            return items.stream().map(Yaml::shown).collect(Collectors.joining(", ", "the list [", "]"));
        }
    }

    /** Keys in the order of the file; {@code keyWhere} says where each key stands. */
    record Mapping(Map<String, Yaml> values, Map<String, String> keyWhere, String where) implements Yaml {
        static Mapping empty(String where) {
            return new Mapping(new LinkedHashMap<>(), new LinkedHashMap<>(), where);
        }

        void put(String key, Yaml value, String where) {
            values.put(key, value);
            keyWhere.put(key, where);
        }

        @Override
        public String shown() {
            return "a section with the keys " + values.keySet();
        }
    }

    /**
     * Parses one YAML document; an empty one is an empty section. Malformed text and keys given twice go to {@code problems}.
     * Returns null for malformed text, of which nothing further can be said.
     *
     * @param where names a place from its line, counted from 1
     */
    static Yaml parse(String text, Function<Integer, String> where, Problems problems) {
        try {
            Node root = new org.yaml.snakeyaml.Yaml(new LoaderOptions()).compose(new StringReader(text));
            return root == null ? Mapping.empty(where.apply(1)) : new Conversion(where, problems).convert(root, "");
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark() != null ? e.getProblemMark() : e.getContextMark();
            String context = e.getContext() == null ? "" : " " + e.getContext();
            problems.add(where.apply(mark == null ? 1 : mark.getLine() + 1), "", "malformed YAML: " + e.getProblem() + context
                    + (mark == null ? "" : ", at column " + (mark.getColumn() + 1)));
        } catch (YAMLException e) {
            problems.add(where.apply(1), "", "malformed YAML: " + e.getMessage());
        }
        return null;
    }

    /** From the parser's nodes to ours. */
    final class Conversion {
        private final Function<Integer, String> where;
        private final Problems problems;
        private final List<Node> open = new ArrayList<>();

        private Conversion(Function<Integer, String> where, Problems problems) {
            this.where = where;
            this.problems = problems;
        }

        private Yaml convert(Node node, String path) {
            String at = where(node);
            if (open.stream().anyMatch(o -> o == node)) {
                problems.add(at, path, "an anchor that contains itself");
                return new Scalar("", false, at);
            }
            open.add(node);
            Yaml value = switch (node) {
                case ScalarNode s -> new Scalar(s.getValue(), s.getScalarStyle() != DumperOptions.ScalarStyle.PLAIN, at);
                case SequenceNode s -> new Sequence(s.getValue().stream().map(n -> convert(n, path + "[]")).toList(), at);
                case MappingNode m -> mapping(m, path, at);
                default -> throw new IllegalStateException("node " + node.getNodeId());
            };
            open.removeLast();
            return value;
        }

        private Mapping mapping(MappingNode node, String path, String at) {
            Mapping mapping = Mapping.empty(at);
            for (NodeTuple entry : node.getValue()) {
                String keyAt = where(entry.getKeyNode());
                if (!(entry.getKeyNode() instanceof ScalarNode scalar)) {
                    problems.add(keyAt, path, "a key must be a plain word, not a list or a section");
                    continue;
                }
                String key = scalar.getValue();
                String keyPath = path.isEmpty() ? key : path + "." + key;
                if (mapping.values().containsKey(key)) {
                    problems.add(keyAt, keyPath, "given twice, first at " + mapping.keyWhere().get(key) + "; remove one of them");
                }
                mapping.put(key, convert(entry.getValueNode(), keyPath), keyAt);
            }
            return mapping;
        }

        private String where(Node node) {
            return where.apply(node.getStartMark().getLine() + 1);
        }
    }
}
