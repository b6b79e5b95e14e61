package org.caprl.core.model.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.caprl.core.checkpoint.AtomicDirectory;
import org.caprl.core.checkpoint.StoredType;
import org.caprl.core.model.CausalLm;
import org.caprl.core.nn.RandomWeights;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.text.BpeTrainer;

/**
 * Makes a small checkpoint with random weights in Hugging Face layout: config, tokenizer trained on given texts, chat template, processor.
 *
 * @param vision whether it is a Qwen2.5-VL (else a Qwen2 text model)
 * @param hidden text width
 * @param inner text MLP width
 * @param layers text layers
 * @param heads text heads of 32 columns
 * @param kvHeads key and value heads
 * @param visionHidden vision width, heads of 32 columns
 * @param visionInner vision MLP width
 * @param visionDepth vision blocks; every second sees the whole image
 * @param maxMerges merges of the tokenizer
 * @param maxLength longest sequence
 * @param seed of the weights
 */
public record TinyCheckpoint(boolean vision, int hidden, int inner, int layers, int heads, int kvHeads, int visionHidden, int visionInner,
        int visionDepth, int maxMerges, int maxLength, long seed) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int HEAD_DIM = 32;
    private static final int PATCH = 14;
    private static final int MERGE = 2;
    private static final double DEVIATION = 0.04;
    private static final String TEMPLATE = """
            {%- for message in messages -%}
            {{- '<|im_start|>' + message['role'] + '\\n' -}}
            {%- if message['content'] is string -%}
            {{- message['content'] -}}
            {%- else -%}
            {%- for part in message['content'] -%}
            {%- if part['type'] == 'image' -%}
            {{- '<|vision_start|><|image_pad|><|vision_end|>' -}}
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

    /** Writes the folder, whole or not at all. */
    public void write(Path folder, Iterable<String> texts, TensorOps ops) throws IOException {
        BpeTrainer tokenizer = new BpeTrainer(texts, maxMerges);
        ObjectNode config = vision ? visionConfig(tokenizer) : textConfig(tokenizer);
        try (AtomicDirectory aside = AtomicDirectory.create(folder)) {
            Path to = aside.path();
            tokenizer.write(to, maxLength);
            write(to.resolve("config.json"), config);
            Files.writeString(to.resolve("chat_template.jinja"), TEMPLATE.strip());
            write(to.resolve("generation_config.json"), JSON.createObjectNode().put("do_sample", true)
                    .put("eos_token_id", tokenizer.special("<|im_end|>")).put("pad_token_id", tokenizer.special("<|endoftext|>")));
            if (vision) {
                write(to.resolve("preprocessor_config.json"), processor());
            }
            try (CausalLm model = Models.build(config, "config.json", ops, new RandomWeights(seed, DEVIATION))) {
                ModelSaver.writeWeights(model, to, StoredType.F32);
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

    private ObjectNode textConfig(BpeTrainer tokenizer) {
        ObjectNode c = JSON.createObjectNode();
        c.putArray("architectures").add(vision ? "Qwen2_5_VLForConditionalGeneration" : "Qwen2ForCausalLM");
        c.put("model_type", vision ? "qwen2_5_vl" : "qwen2").put("vocab_size", vocab(tokenizer)).put("hidden_size", hidden)
                .put("intermediate_size", inner).put("num_hidden_layers", layers).put("num_attention_heads", heads)
                .put("num_key_value_heads", kvHeads).put("hidden_act", "silu").put("rms_norm_eps", 1e-6)
                .put("max_position_embeddings", maxLength).put("initializer_range", DEVIATION).put("use_cache", true)
                .put("attention_dropout", 0.0).put("use_sliding_window", false).put("rope_theta", 10000.0)
                .put("tie_word_embeddings", true).put("torch_dtype", "float32")
                .put("bos_token_id", tokenizer.special("<|endoftext|>")).put("eos_token_id", tokenizer.special("<|im_end|>"));
        return c;
    }

    private ObjectNode visionConfig(BpeTrainer tokenizer) {
        ObjectNode c = textConfig(tokenizer);
        ObjectNode rope = c.putObject("rope_scaling").put("type", "mrope");
        rope.putArray("mrope_section").add(4).add(6).add(6);
        ObjectNode v = c.putObject("vision_config").put("depth", visionDepth).put("hidden_act", "silu").put("hidden_size", visionHidden)
                .put("intermediate_size", visionInner).put("num_heads", visionHidden / HEAD_DIM).put("out_hidden_size", hidden)
                .put("patch_size", PATCH).put("spatial_patch_size", PATCH).put("spatial_merge_size", MERGE)
                .put("window_size", 2 * MERGE * PATCH).put("tokens_per_second", 2).put("temporal_patch_size", 2).put("in_chans", 3)
                .put("in_channels", 3);
        for (int i = 1; i < visionDepth; i += 2) {
            v.withArray("fullatt_block_indexes").add(i);
        }
        for (String name : List.of("image", "video")) {
            c.put(name + "_token_id", tokenizer.special("<|" + name + "_pad|>"));
        }
        c.put("vision_start_token_id", tokenizer.special("<|vision_start|>"));
        c.put("vision_end_token_id", tokenizer.special("<|vision_end|>"));
        c.put("vision_token_id", tokenizer.special("<|vision_pad|>"));
        return c;
    }

    private static ObjectNode processor() {
        ObjectNode p = JSON.createObjectNode().put("min_pixels", 28 * 28).put("max_pixels", 28 * 28 * 64).put("patch_size", PATCH)
                .put("temporal_patch_size", 2).put("merge_size", MERGE).put("do_convert_rgb", true).put("do_resize", true)
                .put("do_rescale", true).put("do_normalize", true).put("rescale_factor", 1 / 255.0).put("resample", 3)
                .put("image_processor_type", "Qwen2VLImageProcessor").put("processor_class", "Qwen2_5_VLProcessor");
        p.putArray("image_mean").add(0.48145466).add(0.4578275).add(0.40821073);
        p.putArray("image_std").add(0.26862954).add(0.26130258).add(0.27577711);
        return p;
    }
}
