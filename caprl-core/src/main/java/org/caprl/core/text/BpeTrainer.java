package org.caprl.core.text;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Trains a byte-level BPE vocabulary and writes it as the tokenizer files of a Qwen checkpoint: {@code tokenizer.json}, {@code vocab.json},
 * {@code merges.txt}, {@code tokenizer_config.json}. For small models of one's own; words are cut as Qwen2 cuts them.
 *
 * <p>Merging takes the most frequent pair of neighbours, the alphabetically first among equals, until the wanted number of merges is made
 * or no pair occurs twice. Deterministic.
 */
public final class BpeTrainer {
    /** Qwen's special tokens, in order; they follow the vocabulary. */
    public static final List<String> SPECIAL = List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>",
            "<|object_ref_end|>", "<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>",
            "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>");

    private static final String WORDS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
            + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Integer> vocabulary = new LinkedHashMap<>();
    private final List<String[]> merges = new ArrayList<>();

    private record Pair(String left, String right) implements Comparable<Pair> {
        @Override
        public int compareTo(Pair other) {
            int byLeft = left.compareTo(other.left);
            return byLeft != 0 ? byLeft : right.compareTo(other.right);
        }
    }

    /** Trains on texts. */
    public BpeTrainer(Iterable<String> texts, int maxMerges) {
        String[] bytes = byteCharacters();
        Arrays.stream(bytes).sorted().forEach(b -> vocabulary.put(b, vocabulary.size()));
        Map<String, Integer> counts = new TreeMap<>();
        Pattern words = Pattern.compile(WORDS, Pattern.UNICODE_CHARACTER_CLASS);
        for (String text : texts) {
            Matcher m = words.matcher(text);
            while (m.find()) {
                counts.merge(m.group(), 1, Integer::sum);
            }
        }
        List<List<String>> pieces = new ArrayList<>();
        List<Integer> weights = new ArrayList<>();
        counts.forEach((word, count) -> {
            List<String> symbols = new ArrayList<>();
            for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
                symbols.add(bytes[b & 255]);
            }
            pieces.add(symbols);
            weights.add(count);
        });
        while (merges.size() < maxMerges) {
            Pair best = mostFrequent(pieces, weights);
            if (best == null) {
                break;
            }
            merges.add(new String[] {best.left(), best.right()});
            vocabulary.putIfAbsent(best.left() + best.right(), vocabulary.size());
            pieces.forEach(symbols -> join(symbols, best));
        }
    }

    private static Pair mostFrequent(List<List<String>> pieces, List<Integer> weights) {
        Map<Pair, Integer> counts = new HashMap<>();
        for (int p = 0; p < pieces.size(); p++) {
            List<String> symbols = pieces.get(p);
            for (int i = 0; i + 1 < symbols.size(); i++) {
                counts.merge(new Pair(symbols.get(i), symbols.get(i + 1)), weights.get(p), Integer::sum);
            }
        }
        return counts.entrySet().stream().filter(e -> e.getValue() > 1)
                .max(Map.Entry.<Pair, Integer>comparingByValue().thenComparing(Map.Entry.<Pair, Integer>comparingByKey().reversed()))
                .map(Map.Entry::getKey).orElse(null);
    }

    private static void join(List<String> symbols, Pair pair) {
        for (int i = 0; i + 1 < symbols.size(); i++) {
            if (symbols.get(i).equals(pair.left()) && symbols.get(i + 1).equals(pair.right())) {
                symbols.set(i, pair.left() + pair.right());
                symbols.remove(i + 1);
            }
        }
    }

    /** The printable character that stands for each byte, as GPT-2 chose them. */
    private static String[] byteCharacters() {
        String[] characters = new String[256];
        int next = 256;
        for (int b = 0; b < 256; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
            characters[b] = String.valueOf((char) (printable ? b : next++));
        }
        return characters;
    }

    /** Tokens without the special ones. */
    public int size() {
        return vocabulary.size();
    }

    /** Id of a special token. */
    public int special(String token) {
        int i = SPECIAL.indexOf(token);
        if (i < 0) {
            throw new IllegalArgumentException(token + " is not one of " + SPECIAL);
        }
        return size() + i;
    }

    /**
     * Writes the four files.
     *
     * @param maxLength longest sequence of the model
     */
    public void write(Path folder, int maxLength) throws IOException {
        ObjectNode vocab = JSON.createObjectNode();
        vocabulary.forEach(vocab::put);
        ObjectNode root = JSON.createObjectNode().put("version", "1.0");
        root.putNull("truncation").putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        ObjectNode decoder = JSON.createObjectNode();
        for (String token : SPECIAL) {
            ObjectNode settings = JSON.createObjectNode().put("content", token).put("single_word", false).put("lstrip", false)
                    .put("rstrip", false).put("normalized", false).put("special", true);
            added.add(JSON.createObjectNode().put("id", special(token)).setAll(settings));
            decoder.set(String.valueOf(special(token)), settings);
        }
        root.putObject("normalizer").put("type", "NFC");
        ArrayNode cutters = root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
        ObjectNode split = cutters.addObject().put("type", "Split");
        split.putObject("pattern").put("Regex", WORDS);
        split.put("behavior", "Isolated").put("invert", false);
        cutters.add(byteLevel());
        root.set("post_processor", byteLevel());
        root.set("decoder", byteLevel());
        ObjectNode model = root.putObject("model").put("type", "BPE");
        model.putNull("dropout").putNull("unk_token");
        model.put("continuing_subword_prefix", "").put("end_of_word_suffix", "").put("fuse_unk", false).put("byte_fallback", false);
        model.set("vocab", vocab);
        ArrayNode mergeList = model.putArray("merges");
        StringBuilder mergeText = new StringBuilder("#version: 0.2\n");
        for (String[] m : merges) {
            mergeList.add(m[0] + " " + m[1]);
            mergeText.append(m[0]).append(' ').append(m[1]).append('\n');
        }
        JSON.writerWithDefaultPrettyPrinter().writeValue(folder.resolve("tokenizer.json").toFile(), root);
        JSON.writeValue(folder.resolve("vocab.json").toFile(), vocab);
        Files.writeString(folder.resolve("merges.txt"), mergeText);
        ObjectNode config = JSON.createObjectNode().put("tokenizer_class", "Qwen2Tokenizer").put("add_prefix_space", false)
                .put("clean_up_tokenization_spaces", false).put("errors", "replace").put("model_max_length", maxLength)
                .put("eos_token", "<|im_end|>").put("pad_token", "<|endoftext|>");
        config.putNull("bos_token").putNull("unk_token");
        config.set("added_tokens_decoder", decoder);
        JSON.writerWithDefaultPrettyPrinter().writeValue(folder.resolve("tokenizer_config.json").toFile(), config);
    }

    private static ObjectNode byteLevel() {
        return JSON.createObjectNode().put("type", "ByteLevel").put("add_prefix_space", false).put("trim_offsets", false)
                .put("use_regex", false);
    }
}
