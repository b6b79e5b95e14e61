package org.caprl.core.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.caprl.core.InputException;

/** Tokens and ids of a tokenizer.json: the BPE vocabulary and the added tokens. */
final class Vocabulary {
    private final Map<String, Integer> ids;
    /** Token of each id; null where an id has none. */
    private final String[] tokens;

    private Vocabulary(Map<String, Integer> ids) {
        this.ids = ids;
        this.tokens = new String[Collections.max(ids.values()) + 1];
        ids.forEach((token, id) -> tokens[id] = token);
    }

    /** The id of a token, or null. */
    Integer id(String token) {
        return ids.get(token);
    }

    /** The token of an id, or null. */
    String token(int id) {
        return id >= 0 && id < tokens.length ? tokens[id] : null;
    }

    /** Largest id + 1. */
    int size() {
        return tokens.length;
    }

    static Vocabulary read(Path file) {
        Map<String, Integer> ids = new HashMap<>();
        String modelType = null;
        try (JsonParser json = new JsonFactory().createParser(file.toFile())) {
            json.nextToken();
            for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
                JsonToken value = json.nextToken();
                if (field.equals("added_tokens") && value == JsonToken.START_ARRAY) {
                    readAddedTokens(json, ids);
                } else if (field.equals("model") && value == JsonToken.START_OBJECT) {
                    modelType = readModel(json, ids);
                } else {
                    json.skipChildren();
                }
            }
        } catch (IOException e) {
            throw new InputException(file + ": not a readable tokenizer.json: " + e.getMessage(), e);
        }
        if (modelType != null && !modelType.equals("BPE") || ids.isEmpty()) {
            throw new InputException(file + ": expected a BPE tokenizer with a vocabulary, found model type " + modelType + " with "
                    + ids.size() + " tokens; only byte-level BPE tokenizers (Qwen, Llama 3, SmolLM and their kind) are supported");
        }
        return new Vocabulary(ids);
    }

    private static void readAddedTokens(JsonParser json, Map<String, Integer> ids) throws IOException {
        while (json.nextToken() == JsonToken.START_OBJECT) {
            String content = null;
            int id = -1;
            for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
                json.nextToken();
                switch (field) {
                    case "content" -> content = json.getText();
                    case "id" -> id = json.getIntValue();
                    default -> json.skipChildren();
                }
            }
            if (content == null || id < 0) {
                throw new IOException("an entry of added_tokens lacks content or id");
            }
            ids.put(content, id);
        }
    }

    private static String readModel(JsonParser json, Map<String, Integer> ids) throws IOException {
        String type = null;
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            JsonToken value = json.nextToken();
            if (field.equals("type")) {
                type = json.getText();
            } else if (field.equals("vocab") && value == JsonToken.START_OBJECT) {
                for (String token = json.nextFieldName(); token != null; token = json.nextFieldName()) {
                    json.nextToken();
                    int id = json.getIntValue();
                    if (id < 0) {
                        throw new IOException("token '" + token + "' has the id " + id);
                    }
                    ids.putIfAbsent(token, id);
                }
            } else {
                json.skipChildren();
            }
        }
        return type;
    }
}
