package org.caprl.core.parity;

import java.util.List;
import org.caprl.core.image.RgbImage;

/** Token ids of the golden prompt text, with as many image tokens as our processor makes of the images. */
final class InputIdsCheck implements Check {
    @Override
    public Quantity quantity() {
        return Quantity.INPUT_IDS;
    }

    @Override
    public boolean applies(GoldenCase golden) {
        return golden.inputs().contains("input.input_ids") && (golden.batch() || golden.meta().has("prompt_text"));
    }

    @Override
    public Finding measure(CaseRun run) {
        Finding.Count count = new Finding.Count();
        List<String> texts = run.golden().promptTexts();
        List<int[]> expected = run.golden().promptIds();
        for (int row = 0; row < texts.size(); row++) {
            List<RgbImage> images = run.golden().hasImages() ? run.images().opened().get(row) : List.of();
            int[] ours = run.candidate().processor().encode(run.golden().name(), texts.get(row), images).ids();
            count.add(Differences.mismatches(ours, expected.get(row)), "row " + row);
        }
        return count.of(quantity());
    }
}
