package org.caprl.core.model.config;

import java.util.Arrays;
import org.caprl.core.InputException;
import org.caprl.core.nn.Rope;

/**
 * Reads rotary frequencies. As in {@code RotaryEmbeddingConfigMixin}, their settings are {@code rope_scaling} if that is there, else
 * {@code rope_parameters}; a flat {@code rope_theta} counts where they have none.
 */
public final class RopeConfigs {
    private RopeConfigs() {
    }

    /** One axis: plain frequencies, or those of Llama 3. */
    public static Rope text(ConfigNode c, int headDim, int maxPositions) {
        ConfigNode settings = settings(c);
        double theta = theta(c, settings);
        if (settings == null) {
            return Rope.text(headDim, theta);
        }
        String type = type(settings);
        settings.require("rope_type", type, "default", "llama3");
        return type.equals("llama3") ? Rope.text(headDim, theta, llama3(c, settings, maxPositions)) : Rope.text(headDim, theta);
    }

    /**
     * Time, height and width in sections ({@link Rope#sections}).
     *
     * @param missing the class's {@code mrope_section}
     */
    public static Rope sections(ConfigNode c, int headDim, int... missing) {
        ConfigNode settings = settings(c);
        int[] sections = mropeSection(settings, missing);
        if (Arrays.stream(sections).sum() != headDim / 2) {
            throw new InputException(c.where() + ": mrope_section is " + Arrays.toString(sections)
                    + (sections == missing ? " by default" : "") + ", but the sum must be half of the columns of a head, " + headDim / 2);
        }
        return Rope.sections(headDim, theta(c, settings), sections);
    }

    /**
     * Time, height and width by turns ({@link Rope#interleaved}).
     *
     * @param missing the class's {@code mrope_section}
     */
    public static Rope interleaved(ConfigNode c, int headDim, int... missing) {
        ConfigNode settings = settings(c);
        return Rope.interleaved(headDim, theta(c, settings), mropeSection(settings, missing));
    }

    /** Rows and columns of patches, in a vision tower. */
    public static Rope patches(ConfigNode c, int headDim) {
        ConfigNode settings = settings(c);
        if (settings != null) {
            settings.require("rope_type", type(settings), "default", "axial");
        }
        return Rope.patches(headDim, theta(c, settings));
    }

    private static int[] mropeSection(ConfigNode settings, int... missing) {
        if (settings == null) {
            return missing;
        }
        settings.require("rope_type", type(settings), "default", "mrope");
        if (!settings.gives("mrope_section")) {
            return missing;
        }
        int[] sections = settings.integers("mrope_section");
        if (sections.length != 3 || Arrays.stream(sections).anyMatch(s -> s < 0)) {
            throw settings.wrong("mrope_section", "three numbers, of time, height and width");
        }
        return sections;
    }

    private static ConfigNode settings(ConfigNode c) {
        ConfigNode scaling = c.child("rope_scaling");
        return scaling != null && !scaling.node().isEmpty() ? scaling : c.child("rope_parameters");
    }

    private static double theta(ConfigNode c, ConfigNode settings) {
        return settings != null && settings.gives("rope_theta") ? settings.number("rope_theta") : c.number("rope_theta");
    }

    private static String type(ConfigNode settings) {
        if (settings.gives("partial_rotary_factor") && settings.number("partial_rotary_factor") != 1) {
            settings.require("partial_rotary_factor", settings.node().get("partial_rotary_factor").asText(), "1");
        }
        return settings.gives("rope_type") ? settings.text("rope_type") : settings.gives("type") ? settings.text("type") : "default";
    }

    private static Rope.Llama3 llama3(ConfigNode c, ConfigNode settings, int maxPositions) {
        String key = "original_max_position_embeddings";
        ConfigNode file = ConfigNode.of(c.node(), c.where());
        int original = file.gives(key) ? file.extent(key) : settings.gives(key) ? settings.extent(key) : maxPositions;
        return new Rope.Llama3(settings.number("factor"), settings.number("low_freq_factor"), settings.number("high_freq_factor"),
                original);
    }
}
