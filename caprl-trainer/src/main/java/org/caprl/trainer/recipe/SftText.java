package org.caprl.trainer.recipe;

import java.util.Arrays;
import org.caprl.core.InputException;
import org.caprl.core.model.PackedGroup;
import org.caprl.core.model.load.Processor;

/** What the assistant is to write, as token ids: the text and the token that ends a turn. */
final class SftText {
    private SftText() {
    }

    static PackedGroup.Completion completion(Processor processor, String text) {
        int[] ids = processor.tokenizer().encode(text);
        int[] ended = Arrays.copyOf(ids, ids.length + 1);
        ended[ids.length] = endOfTurn(processor);
        return PackedGroup.Completion.of(ended);
    }

    static int endOfTurn(Processor processor) {
        if (processor.eosTokenIds().isEmpty()) {
            throw new InputException("the checkpoint names no eos_token_id in generation_config.json or config.json; training needs one"
                    + " to end a text");
        }
        return processor.eosTokenIds().getFirst();
    }
}
