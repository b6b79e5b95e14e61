package org.caprl.reward.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A value in a request's body and where it stands, so that whatever is wrong is named by its place.
 *
 * @param node the value
 * @param path as {@code $.prompts[3][0]}
 */
record JsonPlace(JsonNode node, String path) {
    private static final int DEPTH = 16;
    private static final int NAME_LENGTH = 256;
    private static final int NUMBER_LENGTH = 64;
    private static final int SHOWN = 60;

    /**
     * Reads a body.
     *
     * @throws RequestFault 400 for what is not UTF-8 or not JSON, or is nested or long beyond any use
     */
    static JsonPlace parse(byte[] body) {
        String text = utf8(body);
        StreamReadConstraints limits = StreamReadConstraints.builder().maxNestingDepth(DEPTH).maxNameLength(NAME_LENGTH)
                .maxNumberLength(NUMBER_LENGTH).maxStringLength(Math.max(1, body.length)).build();
        ObjectMapper mapper = new JsonMapper(JsonFactory.builder().streamReadConstraints(limits)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());
        try (JsonParser parser = mapper.createParser(text)) {
            try {
                JsonNode root = mapper.readTree(parser);
                if (root == null || root.isMissingNode()) {
                    throw new RequestFault(RequestFault.BAD_REQUEST, "$", "the body is empty; expected a JSON object");
                }
                if (parser.nextToken() != null) {
                    throw new RequestFault(RequestFault.BAD_REQUEST, "$", "something follows the JSON value that ends before column "
                            + parser.currentTokenLocation().getColumnNr() + " of line " + parser.currentTokenLocation().getLineNr());
                }
                return new JsonPlace(root, "$");
            } catch (JsonProcessingException e) {
                throw syntax(e, parser.getParsingContext());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a string has no input to fail
        }
    }

    private static RequestFault syntax(JsonProcessingException e, JsonStreamContext context) {
        String what = e instanceof StreamConstraintsException ? "the JSON goes beyond a limit" : "this is not JSON";
        String where = e.getLocation() == null ? ""
                : " at line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
        return new RequestFault(RequestFault.BAD_REQUEST, path(context), what + where + ": " + e.getOriginalMessage());
    }

    private static String path(JsonStreamContext context) {
        if (context == null || context.inRoot()) {
            return "$";
        }
        String parent = path(context.getParent());
        if (context.inArray()) {
            return parent + "[" + Math.max(0, context.getCurrentIndex()) + "]";
        }
        return context.getCurrentName() == null ? parent : parent + "." + shown(context.getCurrentName());
    }

    private static String utf8(byte[] body) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(body);
        CharBuffer out = CharBuffer.allocate(body.length);
        CoderResult result = decoder.decode(in, out, true);
        if (!result.isError()) {
            result = decoder.flush(out);
        }
        try {
            if (result.isError()) {
                result.throwException();
            }
        } catch (CharacterCodingException e) {
            throw new RequestFault(RequestFault.BAD_REQUEST, "$", "the body is not UTF-8: byte " + in.position() + " of " + body.length
                    + " begins no character");
        }
        return out.flip().toString();
    }

    /** A fault of this value. */
    RequestFault wrong(String expected) {
        return new RequestFault(RequestFault.UNPROCESSABLE, path, "expected " + expected + ", got " + kind());
    }

    private String kind() {
        String kind = node.getNodeType().name().toLowerCase(Locale.ROOT);
        return switch (node.getNodeType()) {
            case STRING, NUMBER, BOOLEAN -> "the " + kind + " " + shown(node.toString());
            case ARRAY -> "an array of " + node.size();
            case OBJECT -> "an object";
            default -> kind;
        };
    }

    private static String shown(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }

    boolean isObject() {
        return node.isObject();
    }

    boolean isArray() {
        return node.isArray();
    }

    boolean isWholeNumber() {
        return node.isIntegralNumber();
    }

    /** A member that must be there. */
    JsonPlace member(String name) {
        return optional(name).orElseThrow(() -> new RequestFault(RequestFault.UNPROCESSABLE, path, "'" + name + "' is missing"));
    }

    /** A member; null is as good as none. */
    Optional<JsonPlace> optional(String name) {
        if (!node.isObject()) {
            throw wrong("an object");
        }
        JsonNode value = node.get(name);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(new JsonPlace(value, path + "." + name));
    }

    /** Refuses members of other names: a misspelt one must not be ignored. */
    void only(Set<String> names) {
        if (!node.isObject()) {
            throw wrong("an object");
        }
        for (Iterator<String> found = node.fieldNames(); found.hasNext();) {
            String name = found.next();
            if (!names.contains(name)) {
                throw new RequestFault(RequestFault.UNPROCESSABLE, path, "unknown name '" + shown(name) + "'; known are "
                        + String.join(", ", names.stream().sorted().toList()));
            }
        }
    }

    /** The items of an array. */
    List<JsonPlace> items() {
        if (!node.isArray()) {
            throw wrong("an array");
        }
        List<JsonPlace> items = new ArrayList<>(node.size());
        for (int i = 0; i < node.size(); i++) {
            items.add(new JsonPlace(node.get(i), path + "[" + i + "]"));
        }
        return items;
    }

    /** The two items of a pair. @param what they are, for errors */
    List<JsonPlace> pair(String what) {
        List<JsonPlace> items = node.isArray() ? items() : List.of();
        if (items.size() != 2) {
            throw wrong("the array " + what);
        }
        return items;
    }

    /** A text of whole characters. */
    String text() {
        if (!node.isTextual()) {
            throw wrong("a string");
        }
        String text = node.textValue();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw new RequestFault(RequestFault.UNPROCESSABLE, path, "character " + i + " is half of a surrogate pair");
            }
        }
        return text;
    }

    /** A text of at most so many characters. */
    String text(int most) {
        String text = text();
        if (text.length() > most) {
            throw new RequestFault(RequestFault.TOO_LARGE, path, "has " + text.length() + " characters; at most " + most + " are read");
        }
        return text;
    }

    /** One of some names. */
    <T> T choice(Map<String, T> byName) {
        T found = node.isTextual() ? byName.get(node.textValue()) : null;
        if (found == null) {
            throw wrong("one of " + String.join(", ", byName.keySet().stream().sorted().toList()));
        }
        return found;
    }

    /** A finite number of at least 0. */
    double notNegative() {
        if (!node.isNumber() || !Double.isFinite(node.doubleValue()) || node.doubleValue() < 0) {
            throw wrong("a number of at least 0");
        }
        return node.doubleValue();
    }

    /** A whole number. */
    int whole(int least, int most) {
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < least || node.intValue() > most) {
            throw wrong("a whole number from " + least + " to " + most);
        }
        return node.intValue();
    }

    /** A whole number of 64 bits, also as a string: not every JSON library keeps more than 53. */
    long whole() {
        if (node.isIntegralNumber() && node.canConvertToLong()) {
            return node.longValue();
        }
        try {
            return Long.parseLong(text());
        } catch (NumberFormatException e) {
            throw wrong("a whole number of 64 bits");
        }
    }
}
