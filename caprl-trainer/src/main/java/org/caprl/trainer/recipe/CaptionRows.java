package org.caprl.trainer.recipe;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.InputException;
import org.caprl.core.data.PromptTurn;
import org.caprl.core.model.PackedGroup;
import org.caprl.core.model.Prompt;
import org.caprl.core.model.load.Processor;
import org.caprl.core.text.ChatMessage;
import org.caprl.core.text.ContentPart;

/**
 * Rows of images with captions, and how they become prompts: {@code <image>} marks become images.
 *
 * @param rows read in their endless shuffled order
 * @param processor of the model
 */
public record CaptionRows(ImageRows rows, Processor processor) implements SftSource {
    /** The next row, whatever the index: the source keeps the order. Rows without a caption are refused. */
    @Override
    public PackedGroup example(long index) {
        ImageRows.Row row = rows.next();
        String caption = row.sample().caption().orElseThrow(() -> new InputException("sample '" + row.sample().id()
                + "' has no 'caption' to learn from; supervised training needs one in each row"));
        return new PackedGroup(prompt(row, processor), List.of(SftText.completion(processor, caption)));
    }

    /** The prompt of a row. */
    public static Prompt prompt(ImageRows.Row row, Processor processor) {
        return processor.prompt(row.sample().id(), messages(row.sample().prompt()), row.images());
    }

    /** The turns of a prompt as messages. */
    static List<ChatMessage> messages(List<PromptTurn> turns) {
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
