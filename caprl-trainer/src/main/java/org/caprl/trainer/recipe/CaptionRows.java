package org.caprl.trainer.recipe;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.InputException;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.PromptTurn;
import org.caprl.core.data.SampleSource;
import org.caprl.core.image.ImageFile;
import org.caprl.core.image.RgbImage;
import org.caprl.core.model.PackedGroup;
import org.caprl.core.model.Prompt;
import org.caprl.core.model.load.Processor;
import org.caprl.core.text.ChatMessage;
import org.caprl.core.text.ContentPart;

/**
 * Samples from files, and how they become prompts: {@code <image>} marks become images, read with their EXIF orientation applied.
 *
 * @param samples the file; read in its endless shuffled order
 * @param processor of the model
 */
public record CaptionRows(SampleSource samples, Processor processor) implements SftSource {
    /** The next row, whatever the index: the source keeps the order. Rows without a caption are refused. */
    @Override
    public PackedGroup example(long index) {
        CaptionSample sample = samples.next();
        String caption = sample.caption().orElseThrow(() -> new InputException("sample '" + sample.id()
                + "' has no 'caption' to learn from; supervised training needs one in each row"));
        return new PackedGroup(prompt(sample, processor), List.of(SftText.completion(processor, caption)));
    }

    /** The prompt of a sample. */
    public static Prompt prompt(CaptionSample sample, Processor processor) {
        List<RgbImage> pictures = new ArrayList<>();
        sample.images().forEach(file -> pictures.add(ImageFile.decode(file, true)));
        return processor.prompt(sample.id(), messages(sample.prompt()), pictures);
    }

    private static List<ChatMessage> messages(List<PromptTurn> turns) {
        List<ChatMessage> messages = new ArrayList<>();
        for (PromptTurn turn : turns) {
            List<ContentPart> parts = new ArrayList<>();
            String[] texts = turn.content().split(PromptTurn.IMAGE, -1);
            for (int i = 0; i < texts.length; i++) {
                if (i > 0) {
                    parts.add(new ContentPart.Image());
                }
                if (!texts[i].isEmpty()) {
                    parts.add(new ContentPart.Text(texts[i]));
                }
            }
            messages.add(new ChatMessage(turn.role(), parts));
        }
        return messages;
    }
}
