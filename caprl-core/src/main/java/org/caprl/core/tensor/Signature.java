package org.caprl.core.tensor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What an operation expects of its tensors, written as its Javadoc has it, and the check of it.
 *
 * <pre>{@code
 * Signature linear = Signature.of("linear", "x[M,K]", "w[N,K] float", "bias[N] optional", "y[M,N] out");
 * linear.check(x, w, bias, y);
 * // IllegalArgumentException: linear: w is F32[7, 5], expected [N, K=8]; K comes from x F32[3, 8]
 * }</pre>
 *
 * <p>A letter stands for one extent throughout; a number is itself; {@code ...} stands for one whole shape. Words after the shape:
 * {@code float} (float32 or bfloat16), {@code i32}, {@code any}, otherwise float32; {@code optional} (may be null); {@code out} (may
 * overlap no other tensor), {@code out over a b} (may also be exactly a or b).
 */
final class Signature {
    private static final String WHOLE = "...";

    private final String op;
    private final List<Argument> arguments = new ArrayList<>();

    private record Argument(String name, String[] dims, String kind, boolean optional, boolean output, List<String> over) {
        boolean accepts(DType dtype) {
            return switch (kind) {
                case "any" -> true;
                case "float" -> dtype != DType.I32;
                case "i32" -> dtype == DType.I32;
                default -> dtype == DType.F32;
            };
        }

        String kindInWords() {
            return switch (kind) {
                case "float" -> "F32 or BF16";
                case "i32" -> "I32";
                default -> "F32";
            };
        }
    }

    private Signature(String op) {
        this.op = op;
    }

    static Signature of(String op, String... arguments) {
        Signature signature = new Signature(op);
        for (String text : arguments) {
            signature.arguments.add(parse(text));
        }
        return signature;
    }

    private static Argument parse(String text) {
        int open = text.indexOf('[');
        int close = text.indexOf(']');
        String kind = "f32";
        boolean optional = false;
        boolean output = false;
        List<String> over = new ArrayList<>();
        boolean names = false;
        for (String word : text.substring(close + 1).trim().split(" +")) {
            if (names) {
                over.add(word);
                continue;
            }
            switch (word) {
                case "" -> { }
                case "float", "i32", "any" -> kind = word;
                case "optional" -> optional = true;
                case "out" -> output = true;
                case "over" -> names = true;
                default -> throw new IllegalArgumentException("'" + word + "' in signature " + text);
            }
        }
        return new Argument(text.substring(0, open), text.substring(open + 1, close).split(","), kind, optional, output, over);
    }

    /**
     * Checks the tensors, in the order of the signature.
     *
     * @throws IllegalArgumentException naming the operation, the argument, its shape and what was expected
     */
    void check(Tensor... tensors) {
        Map<String, Integer> extents = new HashMap<>();
        Map<String, String> origin = new HashMap<>();
        Tensor whole = null;
        String wholeName = null;
        for (int i = 0; i < tensors.length; i++) {
            Argument argument = arguments.get(i);
            Tensor tensor = tensors[i];
            if (tensor == null) {
                if (!argument.optional) {
                    throw new IllegalArgumentException(op + ": " + argument.name + " is null");
                }
                continue;
            }
            if (!argument.accepts(tensor.dtype())) {
                throw new IllegalArgumentException(op + ": " + argument.name + " is " + tensor + ", expected " + argument.kindInWords());
            }
            if (argument.dims[0].equals(WHOLE)) {
                if (whole == null) {
                    whole = tensor;
                    wholeName = argument.name;
                } else if (!tensor.sameShape(whole)) {
                    throw new IllegalArgumentException(op + ": " + argument.name + " is " + tensor + ", expected the shape of "
                            + wholeName + " " + whole);
                }
                continue;
            }
            boolean fits = tensor.rank() == argument.dims.length;
            for (int axis = 0; fits && axis < argument.dims.length; axis++) {
                Integer expected = expected(argument.dims[axis], extents);
                fits = expected == null || expected == tensor.dim(axis);
            }
            if (!fits) {
                throw new IllegalArgumentException(op + ": " + argument.name + " is " + tensor + ", expected "
                        + wanted(argument, extents, origin));
            }
            for (int axis = 0; axis < argument.dims.length; axis++) {
                if (extents.putIfAbsent(argument.dims[axis], tensor.dim(axis)) == null) {
                    origin.put(argument.dims[axis], argument.name + " " + tensor);
                }
            }
        }
        checkOverlaps(tensors);
    }

    private static Integer expected(String dim, Map<String, Integer> extents) {
        return Character.isDigit(dim.charAt(0)) ? Integer.valueOf(dim) : extents.get(dim);
    }

    private static String wanted(Argument argument, Map<String, Integer> extents, Map<String, String> origin) {
        List<String> shape = new ArrayList<>();
        StringBuilder from = new StringBuilder();
        for (String dim : argument.dims) {
            Integer known = extents.get(dim);
            shape.add(known == null ? dim : dim + "=" + known);
            if (known != null) {
                from.append("; ").append(dim).append(" comes from ").append(origin.get(dim));
            }
        }
        return shape.toString() + from;
    }

    private void checkOverlaps(Tensor[] tensors) {
        for (int i = 0; i < tensors.length; i++) {
            Argument output = arguments.get(i);
            if (!output.output || tensors[i] == null) {
                continue;
            }
            for (int j = 0; j < tensors.length; j++) {
                if (j == i || tensors[j] == null || !overlap(tensors[i], tensors[j])) {
                    continue;
                }
                String other = arguments.get(j).name;
                boolean same = tensors[i].offset() == tensors[j].offset() && tensors[i].byteSize() == tensors[j].byteSize();
                boolean allowed = output.over.contains(other) || arguments.get(j).over.contains(output.name);
                if (!allowed || !same) {
                    throw new IllegalArgumentException(op + ": " + output.name + " " + tensors[i] + " overlaps " + other + " " + tensors[j]
                            + (allowed ? "; it may be the very same elements, or others" : ""));
                }
            }
        }
    }

    private static boolean overlap(Tensor a, Tensor b) {
        long aStart = a.offset() * a.dtype().bytes();
        long bStart = b.offset() * b.dtype().bytes();
        return a.storage() == b.storage() && a.size() > 0 && b.size() > 0
                && aStart < bStart + b.byteSize() && bStart < aStart + a.byteSize();
    }
}
