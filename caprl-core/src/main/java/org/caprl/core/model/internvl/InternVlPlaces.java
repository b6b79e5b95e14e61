package org.caprl.core.model.internvl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.HfCheckpoint;
import org.caprl.core.image.ImageProcessor;
import org.caprl.core.image.InternVlImageProcessor;
import org.caprl.core.image.InternVlImageSettings;
import org.caprl.core.model.ImagePlaces;
import org.caprl.core.model.config.ConfigNode;
import org.caprl.core.text.BpeTokenizer;

/**
 * How images enter prompts ({@code InternVLProcessor}): {@code <IMG_CONTEXT>} of the rendered prompt becomes {@code <img>}, as many of it
 * as the image has tokens, and {@code </img>}. The three are spelled as tokenizer_config.json says.
 */
public final class InternVlPlaces {
    private static final String TOKENIZER_CONFIG = "tokenizer_config.json";

    private InternVlPlaces() {
    }

    /**
     * For a folder of transformers.
     *
     * @throws InputException if a token is missing or not the one of config.json, or the image processor's files are not this family's
     */
    public static ImagePlaces port(ConfigNode config, HfCheckpoint checkpoint, BpeTokenizer tokenizer) {
        ConfigNode c = InternVlConfig.portDefaults(config);
        VisionConfig vision = VisionConfig.of(config.requiredChild("vision_config"));
        return places(checkpoint, tokenizer, c.integer("image_token_id"),
                InternVlImageSettings.load(checkpoint.folder(), vision.patch(), InternVlConfig.merge(c)));
    }

    /** The image processor of a folder of transformers, with the defaults of its class where there is no file of it. */
    public static ImageProcessor portImages(ConfigNode config, Path folder) {
        VisionConfig vision = VisionConfig.of(config.requiredChild("vision_config"));
        return new InternVlImageProcessor(InternVlImageSettings.loadOrDefault(folder, vision.patch(),
                InternVlConfig.merge(InternVlConfig.portDefaults(config)), vision.image()));
    }

    /** The image processor of a folder of the original repositories; config.json has all of it but mean and deviation. */
    public static ImageProcessor chatImages(ConfigNode config, Path folder) {
        ConfigNode c = InternVlConfig.chatDefaults(config);
        VisionConfig vision = VisionConfig.ofChat(config.requiredChild("vision_config"));
        return new InternVlImageProcessor(InternVlImageSettings.loadOrDefault(folder, vision.patch(), InternVlConfig.merge(c),
                tiling(c, vision)));
    }

    /**
     * For a folder of the original repositories: tiles as config.json says, unless the folder has the image processor of transformers.
     *
     * @throws InputException if a token is missing, or the image processor's file is neither
     */
    public static ImagePlaces chat(ConfigNode config, HfCheckpoint checkpoint, BpeTokenizer tokenizer) {
        ConfigNode c = InternVlConfig.chatDefaults(config);
        if (c.flag("pad2square")) {
            c.require("pad2square", "true", "false");
        }
        VisionConfig vision = VisionConfig.ofChat(config.requiredChild("vision_config"));
        return places(checkpoint, tokenizer, imageToken(checkpoint, tokenizer),
                InternVlImageSettings.load(checkpoint.folder(), vision.patch(), InternVlConfig.merge(c), tiling(c, vision)));
    }

    private static InternVlImageSettings.Tiling tiling(ConfigNode c, VisionConfig vision) {
        boolean tiles = c.flag("dynamic_image_size");
        return new InternVlImageSettings.Tiling(c.has("force_image_size") ? c.extent("force_image_size") : vision.image(),
                tiles ? c.extent("min_dynamic_patch") : 1, tiles ? c.extent("max_dynamic_patch") : 1, c.flag("use_thumbnail"));
    }

    /** A config.json of the original repositories, which has no {@code image_token_id}, with that of the folder's tokenizer. */
    public static JsonNode withImageToken(HfCheckpoint checkpoint) {
        try (BpeTokenizer tokenizer = BpeTokenizer.load(checkpoint.folder())) {
            return withImageToken(checkpoint, imageToken(checkpoint, tokenizer));
        }
    }

    /** The same with a given token. */
    public static JsonNode withImageToken(HfCheckpoint checkpoint, int imageToken) {
        ObjectNode config = checkpoint.config().deepCopy();
        return config.put("image_token_id", imageToken);
    }

    private static int imageToken(HfCheckpoint checkpoint, BpeTokenizer tokenizer) {
        return tokenizer.idOf(spelling(checkpoint, "context_image_token", "<IMG_CONTEXT>"));
    }

    private static ImagePlaces places(HfCheckpoint checkpoint, BpeTokenizer tokenizer, int imageToken, InternVlImageSettings settings) {
        int ofTokenizer = imageToken(checkpoint, tokenizer);
        if (ofTokenizer != imageToken) {
            throw new InputException(checkpoint.folder() + ": config.json says image_token_id " + imageToken + ", but "
                    + tokenizer.tokenText(ofTokenizer) + " has the id " + ofTokenizer
                    + " in tokenizer.json; the tokenizer belongs to another model. Copy the tokenizer files of this checkpoint.");
        }
        JsonNode stated = checkpoint.json("processor_config.json").path("image_seq_length");
        if (stated.isInt() && stated.intValue() != settings.tileTokens()) {
            throw new InputException(checkpoint.folder() + ": processor_config.json says image_seq_length " + stated + ", but a tile of "
                    + settings.tiling().side() + " pixels becomes " + settings.tileTokens()
                    + " tokens (patch_size and downsample_ratio of config.json); files of several models are mixed");
        }
        return new ImagePlaces(new InternVlImageProcessor(settings), imageToken,
                new int[] {tokenizer.idOf(spelling(checkpoint, "start_image_token", "<img>"))},
                new int[] {tokenizer.idOf(spelling(checkpoint, "end_image_token", "</img>"))});
    }

    private static String spelling(HfCheckpoint checkpoint, String key, String usual) {
        JsonNode config = checkpoint.json(TOKENIZER_CONFIG);
        return config.path(key).asText(config.path("extra_special_tokens").path(key).asText(usual));
    }
}
