package org.caprl.core.model.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.HfCheckpoint;
import org.caprl.core.image.ImagePatches;
import org.caprl.core.image.QwenImageProcessor;
import org.caprl.core.image.RgbImage;
import org.caprl.core.image.SmartResize;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.model.Prompt;
import org.caprl.core.text.BpeTokenizer;
import org.caprl.core.text.ChatMessage;
import org.caprl.core.text.ChatTemplate;

/**
 * What turns a conversation with images into a {@link Prompt}: the checkpoint's tokenizer, chat template and image processor
 * ({@code AutoProcessor}).
 */
public final class Processor implements AutoCloseable {
    private final BpeTokenizer tokenizer;
    private final ChatTemplate template;
    private final QwenImageProcessor images;
    private final int imageToken;
    private final List<Integer> eos;

    private Processor(BpeTokenizer tokenizer, ChatTemplate template, QwenImageProcessor images, int imageToken, List<Integer> eos) {
        this.tokenizer = tokenizer;
        this.template = template;
        this.images = images;
        this.imageToken = imageToken;
        this.eos = eos;
    }

    /**
     * Loads the processor of a Hugging Face folder.
     *
     * @throws InputException when a file is missing, or the tokenizer has ids that the model's vocabulary has not
     */
    public static Processor load(Path folder) {
        try (HfCheckpoint checkpoint = HfCheckpoint.open(folder)) {
            JsonNode config = checkpoint.config();
            boolean sees = config.path("vision_config").isObject();
            int imageToken = sees ? config.path("image_token_id").asInt(151655) : -1;
            BpeTokenizer tokenizer = BpeTokenizer.load(folder);
            int vocab = config.path("vocab_size").asInt(config.path("text_config").path("vocab_size").asInt(Integer.MAX_VALUE));
            if (tokenizer.vocabSize() > vocab) {
                int size = tokenizer.vocabSize();
                tokenizer.close();
                throw new InputException(folder + ": tokenizer.json has " + size + " tokens but config.json says vocab_size " + vocab
                        + "; the tokenizer belongs to another model. Copy the tokenizer files of this checkpoint.");
            }
            String image = tokenizer.tokenText(imageToken);
            if (sees && !Arrays.equals(tokenizer.encode(image), new int[] {imageToken})) {
                tokenizer.close();
                throw new InputException(folder + ": config.json says image_token_id " + imageToken + ", but tokenizer.json has "
                        + "no special token of this id (it is '" + image + "'), so prompts can't mark the places of images. "
                        + "Copy the tokenizer files of this checkpoint.");
            }
            return new Processor(tokenizer, ChatTemplate.load(folder), sees ? QwenImageProcessor.load(folder) : null,
                    imageToken, checkpoint.eosTokenIds());
        }
    }

    /** The tokenizer. */
    public BpeTokenizer tokenizer() {
        return tokenizer;
    }

    /** The chat template. */
    public ChatTemplate template() {
        return template;
    }

    /** The image processor; null for a text model. */
    public QwenImageProcessor imageProcessor() {
        return images;
    }

    /** Ids that end a text. */
    public List<Integer> eosTokenIds() {
        return eos;
    }

    /** The text of {@code ids[from … to)}, special tokens left out. */
    public String text(int[] ids, int from, int to) {
        return tokenizer.decode(Arrays.copyOfRange(ids, from, to), true);
    }

    /** Whether images can be among the messages. */
    public boolean sees() {
        return images != null;
    }

    /**
     * A prompt that ends where the assistant's turn begins.
     *
     * @param id names the sample in errors
     * @param pictures one for each image among the messages, in order
     */
    public Prompt prompt(String id, List<ChatMessage> messages, List<RgbImage> pictures) {
        return encode(id, template.render(messages, true), pictures);
    }

    /** Tokens of the {@link #prompt} of these messages, from the sizes of its images alone. */
    public int promptTokens(List<ChatMessage> messages, List<SmartResize.Size> sizes) {
        int text = tokenizer.encode(template.render(messages, true)).length;
        return text + sizes.stream().mapToInt(size -> images.tokens(size) - 1).sum();
    }

    /** A prompt from text that the template has rendered already: each image token stands for one whole image. */
    public Prompt encode(String id, String rendered, List<RgbImage> pictures) {
        if (!pictures.isEmpty() && images == null) {
            throw new InputException("sample '" + id + "' has " + pictures.size() + " images, but the model is a text model");
        }
        int[] ids = tokenizer.encode(rendered);
        long places = images == null ? 0 : Arrays.stream(ids).filter(i -> i == imageToken).count();
        if (places != pictures.size()) {
            throw new InputException("sample '" + id + "' has " + pictures.size() + " images, but its prompt has " + places
                    + " places for them (`<image>` in the user's text)");
        }
        if (pictures.isEmpty()) {
            return new Prompt(id, ids, List.of());
        }
        List<ImageInput> inputs = new ArrayList<>();
        List<Integer> expanded = new ArrayList<>(ids.length);
        int merge = images.settings().mergeSize();
        for (int token : ids) {
            if (token != imageToken) {
                expanded.add(token);
                continue;
            }
            ImagePatches patches = images.process(pictures.get(inputs.size()));
            inputs.add(new ImageInput(patches.pixels(), patches.gridT(), patches.gridH(), patches.gridW()));
            for (int i = 0; i < patches.tokens(merge); i++) {
                expanded.add(imageToken);
            }
        }
        return new Prompt(id, expanded.stream().mapToInt(Integer::intValue).toArray(), inputs);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
