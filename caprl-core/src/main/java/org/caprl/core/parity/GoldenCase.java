package org.caprl.core.parity;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.SafeTensorsFile;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.model.Prompt;
import org.caprl.core.text.ChatMessage;
import org.caprl.core.text.ContentPart;

/** One case with one layout of the checkpoint: what went in, and what {@code transformers} computed. */
final class GoldenCase implements AutoCloseable {
    /** The layout whose weights made {@code tensors.safetensors} and {@code grads.safetensors}; all others hold them in bfloat16. */
    private static final String MAIN_LAYOUT = "checkpoint";
    private static final int DEFAULT_PATCH = 14;

    private final Path folder;
    private final Path images;
    private final boolean main;
    private final int patchSize;
    private final JsonNode meta;
    private final JsonNode adamwNoise;
    private final SafeTensorsFile tensors;
    private final SafeTensorsFile computed;
    private final SafeTensorsFile gradients;

    GoldenCase(GoldenDirectory directory, GoldenFamily family, Path layout, Path folder) {
        this.folder = folder;
        this.images = directory.root().resolve("images");
        this.main = layout.getFileName().toString().equals(MAIN_LAYOUT);
        JsonNode patch = GoldenDirectory.json(layout.resolve("config.json")).path("vision_config").path("patch_size");
        this.patchSize = patch.path(0).asInt(patch.asInt(DEFAULT_PATCH));
        this.meta = GoldenDirectory.json(folder.resolve("meta.json"));
        this.adamwNoise = directory.adamwNoise().path(family.name()).path("abs_diff");
        this.tensors = SafeTensorsFile.open(folder.resolve("tensors.safetensors"));
        this.computed = main ? tensors : openIfThere("hub_bf16_tensors.safetensors");
        this.gradients = main ? openIfThere("grads.safetensors") : null;
    }

    private SafeTensorsFile openIfThere(String name) {
        Path file = folder.resolve(name);
        return Files.exists(file) ? SafeTensorsFile.open(file) : null;
    }

    String name() {
        return folder.getFileName().toString();
    }

    JsonNode meta() {
        return meta;
    }

    /** Inputs, and integers that do not depend on the weights. */
    SafeTensorsFile inputs() {
        return tensors;
    }

    /** Whether the model's golden values include this tensor, for the weights of this layout. */
    boolean computed(String name) {
        return computed != null && computed.contains(name);
    }

    /** What the model computed with the weights of this layout; null where the case has nothing. */
    SafeTensorsFile computed() {
        return computed;
    }

    /** Gradients, or null. */
    SafeTensorsFile gradients() {
        return gradients;
    }

    /** Whether the layout holds the weights that gradients and AdamW runs were made with. */
    boolean main() {
        return main;
    }

    /** How far AdamW losses differ by rounding alone, per loss; may be missing. */
    JsonNode adamwNoise() {
        return adamwNoise;
    }

    /** Whether it is several prompts, padded to one length. */
    boolean batch() {
        return meta.path("prompt_texts").isArray();
    }

    /** The rendered prompts, one a row. */
    List<String> promptTexts() {
        if (!batch()) {
            return List.of(meta.path("prompt_text").asText());
        }
        List<String> texts = new ArrayList<>();
        meta.get("prompt_texts").forEach(t -> texts.add(t.asText()));
        return texts;
    }

    /** The conversations that the prompts were rendered from, one a row; empty for prompts that are plain text. */
    List<List<ChatMessage>> conversations() {
        List<List<ChatMessage>> rows = new ArrayList<>();
        for (JsonNode row : messageRows()) {
            List<ChatMessage> messages = new ArrayList<>();
            row.forEach(m -> messages.add(new ChatMessage(m.path("role").asText(), parts(m.path("content")))));
            rows.add(messages);
        }
        return rows;
    }

    private List<JsonNode> messageRows() {
        JsonNode messages = meta.path("messages");
        if (!messages.isArray()) {
            return List.of();
        }
        List<JsonNode> rows = new ArrayList<>();
        if (batch()) {
            messages.forEach(rows::add);
        } else {
            rows.add(messages);
        }
        return rows;
    }

    private List<ContentPart> parts(JsonNode content) {
        if (content.isTextual()) {
            return List.of(new ContentPart.Text(content.asText()));
        }
        List<ContentPart> parts = new ArrayList<>();
        for (JsonNode part : content) {
            switch (part.path("type").asText()) {
                case "image" -> parts.add(new ContentPart.Image());
                case "text" -> parts.add(new ContentPart.Text(part.path("text").asText()));
                default -> throw new InputException(folder.resolve("meta.json") + ": a message has a part of type " + part.path("type")
                        + ", expected text or image");
            }
        }
        return parts;
    }

    /** The image files of each row of prompts, in order. */
    List<List<Path>> imageFiles() {
        List<List<Path>> rows = new ArrayList<>();
        if (!batch() && meta.path("image_files").isArray()) {
            List<Path> files = new ArrayList<>();
            meta.get("image_files").forEach(f -> files.add(images.resolve(f.asText())));
            return List.of(files);
        }
        for (JsonNode row : messageRows()) {
            rows.add(row.findValuesAsText("image").stream().map(images::resolve).toList());
        }
        while (rows.size() < promptTexts().size()) {
            rows.add(List.of());
        }
        return rows;
    }

    /** Whether images were turned as their EXIF orientation says. */
    boolean appliesExif() {
        return meta.path("image_loading").asText().startsWith("exif_transposed");
    }

    boolean hasImages() {
        return tensors.contains("input.pixel_values");
    }

    /** Grids of all images, rows of (time, height, width). */
    int[][] grids() {
        long[] values = tensors.longs("input.image_grid_thw");
        int[][] grids = new int[values.length / 3][3];
        for (int i = 0; i < values.length; i++) {
            grids[i / 3][i % 3] = (int) values[i];
        }
        return grids;
    }

    /** All images as the vision tower takes them. */
    List<ImageInput> images(CausalLm model) {
        if (!hasImages()) {
            return List.of();
        }
        if (!tensors.contains("input.image_grid_thw")) {
            return GoldenTiles.read(tensors, "input.pixel_values", promptIds(), model.imageToken(), patchSize);
        }
        float[] pixels = tensors.floats("input.pixel_values");
        int width = (int) tensors.info("input.pixel_values").shape()[1];
        List<ImageInput> inputs = new ArrayList<>();
        int at = 0;
        for (int[] grid : grids()) {
            int end = at + grid[0] * grid[1] * grid[2] * width;
            inputs.add(new ImageInput(Arrays.copyOfRange(pixels, at, end), grid[0], grid[1], grid[2]));
            at = end;
        }
        return inputs;
    }

    /** Padded length of the prompts. */
    int width() {
        return (int) tensors.info("input.input_ids").shape()[1];
    }

    /** For each prompt, the columns of the padded row that it fills. */
    int[][] columns() {
        int width = width();
        int rows = (int) tensors.info("input.input_ids").shape()[0];
        long[] mask = tensors.contains("input.attention_mask") ? tensors.longs("input.attention_mask") : null;
        int[][] columns = new int[rows][];
        for (int r = 0; r < rows; r++) {
            int row = r;
            columns[r] = java.util.stream.IntStream.range(0, width).filter(c -> mask == null || mask[row * width + c] != 0).toArray();
        }
        return columns;
    }

    /** Token ids of each prompt, without padding. */
    List<int[]> promptIds() {
        long[] ids = tensors.longs("input.input_ids");
        int width = width();
        List<int[]> rows = new ArrayList<>();
        for (int[] columns : columns()) {
            int start = rows.size() * width;
            rows.add(Arrays.stream(columns).map(c -> Math.toIntExact(ids[start + c])).toArray());
        }
        return rows;
    }

    /** The prompts as a model takes them, from the stored ids and pixel values. */
    List<Prompt> prompts(CausalLm model) {
        List<int[]> ids = promptIds();
        List<ImageInput> all = images(model);
        int patches = all.stream().mapToInt(ImageInput::patches).sum();
        int[] places = ids.stream().mapToInt(row -> (int) Arrays.stream(row).filter(i -> i == model.imageToken()).count()).toArray();
        int unit = patches == 0 ? 1 : patches / Math.max(1, Arrays.stream(places).sum());
        List<Prompt> prompts = new ArrayList<>();
        int next = 0;
        for (int row = 0; row < places.length; row++) {
            List<ImageInput> own = new ArrayList<>();
            for (int left = places[row]; left > 0 && next < all.size(); next++) {
                own.add(all.get(next));
                left -= all.get(next).patches() / unit;
            }
            prompts.add(new Prompt(name() + (batch() ? " row " + row : ""), ids.get(row), own));
        }
        return prompts;
    }

    boolean hasCompletion() {
        return main && tensors.contains("completion_ids");
    }

    /** The given completion. */
    int[] completion() {
        return Arrays.stream(tensors.longs("completion_ids")).mapToInt(Math::toIntExact).toArray();
    }

    @Override
    public void close() {
        tensors.close();
        if (computed != null) {
            computed.close();
        }
        if (gradients != null) {
            gradients.close();
        }
    }
}
