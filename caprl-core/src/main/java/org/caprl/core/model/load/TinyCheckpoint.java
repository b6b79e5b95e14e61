package org.caprl.core.model.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.caprl.core.checkpoint.AtomicDirectory;
import org.caprl.core.checkpoint.StoredType;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.internvl.InternVl;
import org.caprl.core.model.llama.Llama;
import org.caprl.core.model.qwen25vl.Qwen25Vl;
import org.caprl.core.model.qwen3vl.Qwen3Vl;
import org.caprl.core.model.qwentext.QwenText;
import org.caprl.core.nn.RandomWeights;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.text.BpeTrainer;

/**
 * Makes a small checkpoint with random weights in Hugging Face layout: config, tokenizer trained on given texts, chat template, processor.
 *
 * @param family {@code model_type}: a Qwen text model, Llama, a Qwen model that sees, or InternVL
 * @param hidden text width
 * @param inner text MLP width
 * @param layers text layers
 * @param heads text heads
 * @param headWidth columns of a text head, a multiple of 32
 * @param kvHeads key and value heads
 * @param visionHidden vision width
 * @param visionHeadWidth columns of a vision head, a multiple of 4
 * @param visionInner vision MLP width
 * @param visionDepth vision blocks; every second sees the whole image
 * @param maxMerges merges of the tokenizer
 * @param maxLength longest sequence
 * @param type of the weights in the file
 * @param seed of the weights
 */
public record TinyCheckpoint(String family, int hidden, int inner, int layers, int heads, int headWidth, int kvHeads, int visionHidden,
        int visionHeadWidth, int visionInner, int visionDepth, int maxMerges, int maxLength, WeightType type, long seed) {
    /** The class that {@code transformers} has for each family. */
    private static final Map<String, String> ARCHITECTURES = Map.of(QwenText.QWEN2, "Qwen2ForCausalLM", QwenText.QWEN3, "Qwen3ForCausalLM",
            Llama.FAMILY, "LlamaForCausalLM", Qwen25Vl.FAMILY, "Qwen2_5_VLForConditionalGeneration",
            Qwen3Vl.FAMILY, "Qwen3VLForConditionalGeneration", InternVl.FAMILY, "InternVLForConditionalGeneration");
    private static final Set<String> SEEING = Set.of(Qwen25Vl.FAMILY, Qwen3Vl.FAMILY, InternVl.FAMILY);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int HEAD_WIDTH = 32;
    private static final int PATCH = 14;
    private static final int MERGE = 2;
    private static final int TABLE_SIDE = 6;
    private static final int TILE = 4 * PATCH;
    private static final int TILE_TOKENS = 4;
    private static final double DEVIATION = 0.04;
    private static final String TEMPLATE = """
            {%- for message in messages -%}
            {{- '<|im_start|>' + message['role'] + '\\n' -}}
            {%- if message['content'] is string -%}
            {{- message['content'] -}}
            {%- else -%}
            {%- for part in message['content'] -%}
            {%- if part['type'] == 'image' -%}
            {{- 'IMAGE' -}}
            {%- elif 'text' in part -%}
            {{- part['text'] -}}
            {%- endif -%}
            {%- endfor -%}
            {%- endif -%}
            {{- '<|im_end|>\\n' -}}
            {%- endfor -%}
            {%- if add_generation_prompt -%}
            {{- '<|im_start|>assistant\\n' -}}
            {%- endif -%}
            """;

    /** Checks that the family is one of those that can be made. */
    public TinyCheckpoint {
        if (!ARCHITECTURES.containsKey(family)) {
            throw new IllegalArgumentException("no small checkpoints of " + family + " are made, only of " + ARCHITECTURES.keySet());
        }
    }

    /** With heads of {@value #HEAD_WIDTH} columns, in float32. */
    public TinyCheckpoint(String family, int hidden, int inner, int layers, int heads, int kvHeads, int visionHidden, int visionInner,
            int visionDepth, int maxMerges, int maxLength, long seed) {
        this(family, hidden, inner, layers, heads, HEAD_WIDTH, kvHeads, visionHidden, HEAD_WIDTH, visionInner, visionDepth, maxMerges,
                maxLength, WeightType.FLOAT32, seed);
    }

    /** A Qwen2.5-VL if {@code vision}, else a Qwen2 text model. */
    public TinyCheckpoint(boolean vision, int hidden, int inner, int layers, int heads, int kvHeads, int visionHidden, int visionInner,
            int visionDepth, int maxMerges, int maxLength, long seed) {
        this(vision ? Qwen25Vl.FAMILY : QwenText.QWEN2, hidden, inner, layers, heads, kvHeads, visionHidden, visionInner, visionDepth,
                maxMerges, maxLength, seed);
    }

    /** The families of which small checkpoints are made: those that see images, or those of text alone. */
    public static List<String> families(boolean seeing) {
        return ARCHITECTURES.keySet().stream().filter(f -> SEEING.contains(f) == seeing).sorted().toList();
    }

    private boolean isInternVl() {
        return family.equals(InternVl.FAMILY);
    }

    /** Writes the folder, whole or not at all. */
    public void write(Path folder, Iterable<String> texts, TensorOps ops) throws IOException {
        BpeTrainer tokenizer = new BpeTrainer(texts, maxMerges);
        ObjectNode config = switch (family) {
            case Qwen25Vl.FAMILY -> qwen25Vl(tokenizer);
            case Qwen3Vl.FAMILY -> qwen3Vl(tokenizer);
            case InternVl.FAMILY -> internVl(tokenizer);
            default -> named(textConfig(tokenizer));
        };
        try (AtomicDirectory aside = AtomicDirectory.create(folder)) {
            Path to = aside.path();
            tokenizer.write(to, maxLength);
            write(to.resolve("config.json"), config);
            String image = isInternVl() ? "<|image_pad|>\\n" : "<|vision_start|><|image_pad|><|vision_end|>";
            Files.writeString(to.resolve("chat_template.jinja"), TEMPLATE.strip().replace("IMAGE", image));
            write(to.resolve("generation_config.json"), JSON.createObjectNode().put("do_sample", true)
                    .put("eos_token_id", tokenizer.special("<|im_end|>")).put("pad_token_id", tokenizer.special("<|endoftext|>")));
            if (SEEING.contains(family)) {
                write(to.resolve("preprocessor_config.json"), isInternVl() ? tileProcessor() : processor());
            }
            if (isInternVl()) {
                nameImageTokens(to);
                write(to.resolve("processor_config.json"), JSON.createObjectNode().put("image_seq_length", TILE_TOKENS)
                        .put("processor_class", "InternVLProcessor"));
            }
            try (CausalLm model = Models.build(config, "config.json", ops, new RandomWeights(seed, DEVIATION))) {
                ModelSaver.writeWeights(model, to, type == WeightType.BFLOAT16 ? StoredType.BF16 : StoredType.F32,
                        family.equals(Qwen3Vl.FAMILY) ? CheckpointWeights::nested : UnaryOperator.identity());
            }
            aside.commit();
        }
    }

    private static void write(Path file, ObjectNode node) throws IOException {
        JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), node);
    }

    private int vocab(BpeTrainer tokenizer) {
        return (tokenizer.size() + BpeTrainer.SPECIAL.size() + 15) / 16 * 16;
    }

    private ObjectNode named(ObjectNode config) {
        config.put("model_type", family).putArray("architectures").add(ARCHITECTURES.get(family));
        return config;
    }

    private ObjectNode textConfig(BpeTrainer tokenizer) {
        return JSON.createObjectNode().put("vocab_size", vocab(tokenizer)).put("hidden_size", hidden)
                .put("intermediate_size", inner).put("num_hidden_layers", layers).put("num_attention_heads", heads)
                .put("num_key_value_heads", kvHeads).put("head_dim", headWidth).put("hidden_act", "silu").put("rms_norm_eps", 1e-6)
                .put("max_position_embeddings", maxLength).put("initializer_range", DEVIATION).put("use_cache", true)
                .put("attention_dropout", 0.0).put("use_sliding_window", false).put("rope_theta", 10000.0)
                .put("tie_word_embeddings", true).put("torch_dtype", type.name().toLowerCase(Locale.ROOT))
                .put("bos_token_id", tokenizer.special("<|endoftext|>")).put("eos_token_id", tokenizer.special("<|im_end|>"));
    }

    /** Flat, as the published files are. */
    private ObjectNode qwen25Vl(BpeTrainer tokenizer) {
        ObjectNode c = seeing(textConfig(tokenizer), tokenizer);
        c.putObject("rope_scaling").put("type", "mrope").set("mrope_section", sections(4, 6, 6));
        ObjectNode v = towerNumbers().put("hidden_act", "silu").put("spatial_patch_size", PATCH).put("window_size", 2 * MERGE * PATCH)
                .put("tokens_per_second", 2);
        for (int i = 1; i < visionDepth; i += 2) {
            v.withArray("fullatt_block_indexes").add(i);
        }
        c.set("vision_config", v);
        return c;
    }

    /** With {@code text_config}; features of the first and of the last block are added to the decoder. */
    private ObjectNode qwen3Vl(BpeTrainer tokenizer) {
        ObjectNode c = seeing(JSON.createObjectNode().put("tie_word_embeddings", true)
                .put("torch_dtype", type.name().toLowerCase(Locale.ROOT)), tokenizer);
        ObjectNode text = textConfig(tokenizer).put("model_type", "qwen3_vl_text");
        text.putObject("rope_scaling").put("rope_type", "default").put("mrope_interleaved", true).set("mrope_section", sections(6, 5, 5));
        c.set("text_config", text);
        ObjectNode v = towerNumbers().put("hidden_act", "gelu_pytorch_tanh").put("num_position_embeddings", TABLE_SIDE * TABLE_SIDE);
        v.putArray("deepstack_visual_indexes").add(0);
        if (visionDepth > 1) {
            v.withArray("deepstack_visual_indexes").add(visionDepth - 1);
        }
        c.set("vision_config", v);
        return c;
    }

    /** Frequencies of time, height and width, given for heads of {@value #HEAD_WIDTH} columns. */
    private ArrayNode sections(int... narrow) {
        ArrayNode all = JSON.createArrayNode();
        Arrays.stream(narrow).forEach(n -> all.add(n * headWidth / HEAD_WIDTH));
        return all;
    }

    private ObjectNode internVl(BpeTrainer tokenizer) {
        ObjectNode c = named(JSON.createObjectNode().put("tie_word_embeddings", true)
                .put("torch_dtype", type.name().toLowerCase(Locale.ROOT)));
        c.put("image_token_id", tokenizer.special("<|image_pad|>")).put("downsample_ratio", 1.0 / MERGE)
                .put("image_seq_length", TILE_TOKENS);
        c.set("text_config", textConfig(tokenizer).put("model_type", QwenText.QWEN3));
        c.putObject("vision_config").put("model_type", "internvl_vision").put("num_hidden_layers", visionDepth)
                .put("hidden_size", visionHidden).put("intermediate_size", visionInner)
                .put("num_attention_heads", visionHidden / visionHeadWidth)
                .put("hidden_act", "gelu").put("norm_type", "layer_norm").put("attention_bias", true).put("use_qk_norm", true)
                .put("image_size", TILE).put("patch_size", PATCH);
        return c;
    }

    /** Qwen's tokens in the parts of InternVL's. */
    private static void nameImageTokens(Path folder) throws IOException {
        Path file = folder.resolve("tokenizer_config.json");
        ObjectNode config = (ObjectNode) JSON.readTree(file.toFile());
        config.putObject("extra_special_tokens").put("start_image_token", "<|vision_start|>").put("end_image_token", "<|vision_end|>")
                .put("context_image_token", "<|image_pad|>").put("video_token", "<|video_pad|>");
        write(file, config);
    }

    private ObjectNode seeing(ObjectNode config, BpeTrainer tokenizer) {
        named(config);
        for (String name : List.of("image", "video")) {
            config.put(name + "_token_id", tokenizer.special("<|" + name + "_pad|>"));
        }
        return config.put("vision_start_token_id", tokenizer.special("<|vision_start|>"))
                .put("vision_end_token_id", tokenizer.special("<|vision_end|>"))
                .put("vision_token_id", tokenizer.special("<|vision_pad|>"));
    }

    private ObjectNode towerNumbers() {
        return JSON.createObjectNode().put("depth", visionDepth).put("hidden_size", visionHidden).put("intermediate_size", visionInner)
                .put("num_heads", visionHidden / visionHeadWidth).put("out_hidden_size", hidden).put("patch_size", PATCH)
                .put("spatial_merge_size", MERGE).put("temporal_patch_size", 2).put("in_chans", 3).put("in_channels", 3);
    }

    private ObjectNode processor() {
        return steps().put("min_pixels", 28 * 28).put("max_pixels", 28 * 28 * 64).put("patch_size", PATCH).put("temporal_patch_size", 2)
                .put("merge_size", MERGE).put("image_processor_type", "Qwen2VLImageProcessor")
                .put("processor_class", family.equals(Qwen3Vl.FAMILY) ? "Qwen3VLProcessor" : "Qwen2_5_VLProcessor");
    }

    private static ObjectNode tileProcessor() {
        ObjectNode p = steps().put("min_patches", 1).put("max_patches", 4).put("image_processor_type", "GotOcr2ImageProcessor")
                .put("processor_class", "InternVLProcessor");
        p.putObject("size").put("height", TILE).put("width", TILE);
        return p;
    }

    private static ObjectNode steps() {
        ObjectNode p = JSON.createObjectNode().put("do_convert_rgb", true).put("do_resize", true).put("do_rescale", true)
                .put("do_normalize", true).put("rescale_factor", 1 / 255.0).put("resample", 3);
        p.putArray("image_mean").add(0.48145466).add(0.4578275).add(0.40821073);
        p.putArray("image_std").add(0.26862954).add(0.26130258).add(0.27577711);
        return p;
    }
}
