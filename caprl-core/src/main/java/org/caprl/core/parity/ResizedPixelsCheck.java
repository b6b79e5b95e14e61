package org.caprl.core.parity;

import java.util.List;
import org.caprl.core.image.ImagePatches;
import org.caprl.core.model.CausalLm.ImageInput;

/** Bytes after the resize; the golden ones are recovered from the normalised values. */
final class ResizedPixelsCheck implements Check {
    @Override
    public Quantity quantity() {
        return Quantity.RESIZED_PIXELS;
    }

    @Override
    public boolean applies(GoldenCase golden) {
        return golden.hasImages();
    }

    @Override
    public Finding measure(CaseRun run) {
        Finding.Count count = new Finding.Count();
        List<ImageInput> expected = run.golden().images(run.candidate().model());
        List<ImagePatches> ours = run.images().patches();
        for (int i = 0; i < Math.max(expected.size(), ours.size()); i++) {
            String where = "image " + i;
            if (i >= expected.size() || i >= ours.size()) {
                count.add(1, where + " is missing");
                continue;
            }
            ImageInput golden = expected.get(i);
            ImagePatches own = ours.get(i);
            if (!PixelValuesCheck.sameGrid(golden, own)) {
                count.add(golden.pixels().length, where + ": another size");
                continue;
            }
            byte[] theirs = run.images().bytes(golden.pixels(), own.patchLength());
            byte[] bytes = run.images().bytes(own.pixels(), own.patchLength());
            int differing = 0;
            for (int at = 0; at < bytes.length; at++) {
                differing += bytes[at] == theirs[at] ? 0 : 1;
            }
            count.add(differing, where);
        }
        return count.of(quantity());
    }
}
