package org.caprl.core.parity;

import java.util.List;
import org.caprl.core.text.ChatMessage;

/** The checkpoint's chat template, rendered. */
final class PromptTextCheck implements Check {
    @Override
    public Quantity quantity() {
        return Quantity.PROMPT_TEXT;
    }

    @Override
    public boolean applies(GoldenCase golden) {
        return golden.meta().path("messages").isArray();
    }

    @Override
    public Finding measure(CaseRun run) {
        Finding.Count count = new Finding.Count();
        List<String> texts = run.golden().promptTexts();
        List<List<ChatMessage>> conversations = run.golden().conversations();
        for (int row = 0; row < texts.size(); row++) {
            String ours = run.candidate().processor().template().render(conversations.get(row), true);
            int[] expected = texts.get(row).codePoints().toArray();
            int[] found = ours.codePoints().toArray();
            int same = 0;
            while (same < Math.min(found.length, expected.length) && found[same] == expected[same]) {
                same++;
            }
            count.add(Differences.mismatches(found, expected), "row " + row + " from character " + same);
        }
        return count.of(quantity());
    }
}
