package org.caprl.core.model.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.HfCheckpoint;
import org.caprl.core.image.ImagePatches;
import org.caprl.core.image.ImageProcessor;
import org.caprl.core.image.RgbImage;
import org.caprl.core.image.SmartResize;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.model.ImagePlaces;
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
    private final ImagePlaces places;
    private final List<Integer> eos;

    private Processor(BpeTokenizer tokenizer, ChatTemplate template, ImagePlaces places, List<Integer> eos) {
        this.tokenizer = tokenizer;
        this.template = template;
        this.places = places;
        this.eos = eos;
    }

    /**
     * Loads the processor of a Hugging Face folder.
     *
     * @throws InputException when a file is missing, or the tokenizer has ids that the model's vocabulary has not
     */
    public static Processor load(Path folder) {
        try (HfCheckpoint checkpoint = HfCheckpoint.open(folder)) {
            BpeTokenizer tokenizer = BpeTokenizer.load(folder);
            try {
                requireSize(checkpoint, tokenizer);
                ImagePlaces places = Models.imagePlaces(checkpoint, tokenizer);
                if (places != null) {
                    requireSpecial(checkpoint, tokenizer, places.token());
                }
                return new Processor(tokenizer, ChatTemplate.load(folder), places, checkpoint.eosTokenIds());
            } catch (RuntimeException e) {
                tokenizer.close();
                throw e;
            }
        }
    }

    private static void requireSize(HfCheckpoint checkpoint, BpeTokenizer tokenizer) {
        int vocab = Stream.of("", "/text_config", "/llm_config").map(place -> checkpoint.config().at(place + "/vocab_size"))
                .filter(JsonNode::isInt).mapToInt(JsonNode::intValue).findFirst().orElse(Integer.MAX_VALUE);
        if (tokenizer.vocabSize() > vocab) {
            throw new InputException(checkpoint.folder() + ": tokenizer.json has " + tokenizer.vocabSize()
                    + " tokens but config.json says vocab_size " + vocab
                    + "; the tokenizer belongs to another model. Copy the tokenizer files of this checkpoint.");
        }
    }

    private static void requireSpecial(HfCheckpoint checkpoint, BpeTokenizer tokenizer, int imageToken) {
        String image = tokenizer.tokenText(imageToken);
        if (!Arrays.equals(tokenizer.encode(image), new int[] {imageToken})) {
            throw new InputException(checkpoint.folder() + ": config.json says image_token_id " + imageToken + ", but tokenizer.json has "
                    + "no special token of this id (it is '" + image + "'), so prompts can't mark the places of images. "
                    + "Copy the tokenizer files of this checkpoint.");
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
    public ImageProcessor imageProcessor() {
        return sees() ? places.images() : null;
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
        return places != null;
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

    /** The ids that a prompt has for an image of {@code tokens} tokens. */
    public int[] imageIds(int tokens) {
        return places.ids(tokens).toArray();
    }

    /** Tokens of the {@link #prompt} of these messages, from the sizes of its images alone. */
    public int promptTokens(List<ChatMessage> messages, List<SmartResize.Size> sizes) {
        int text = tokenizer.encode(template.render(messages, true)).length;
        return text + sizes.stream().mapToInt(size -> places.length(places.images().tokens(size)) - 1).sum();
    }

    /** A prompt from text that the template has rendered already: each image token stands for one whole image. */
    public Prompt encode(String id, String rendered, List<RgbImage> pictures) {
        if (!pictures.isEmpty() && !sees()) {
            throw new InputException("sample '" + id + "' has " + pictures.size() + " images, but the model is a text model");
        }
        int[] ids = tokenizer.encode(rendered);
        long marks = sees() ? Arrays.stream(ids).filter(i -> i == places.token()).count() : 0;
        if (marks != pictures.size()) {
            throw new InputException("sample '" + id + "' has " + pictures.size() + " images, but its prompt has " + marks
                    + " places for them (`<image>` in the user's text, which the chat template must render)");
        }
        if (pictures.isEmpty()) {
            return new Prompt(id, ids, List.of());
        }
        List<ImageInput> inputs = new ArrayList<>();
        IntStream.Builder expanded = IntStream.builder();
        for (int token : ids) {
            if (token != places.token()) {
                expanded.add(token);
                continue;
            }
            ImagePatches patches = places.images().process(pictures.get(inputs.size()));
            inputs.add(ImageInput.of(patches));
            places.ids(patches.tokens()).forEach(expanded::add);
        }
        return new Prompt(id, expanded.build().toArray(), inputs);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
