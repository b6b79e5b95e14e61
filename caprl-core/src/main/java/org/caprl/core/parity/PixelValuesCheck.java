package org.caprl.core.parity;

import java.util.Arrays;
import java.util.List;
import org.caprl.core.image.ImagePatches;
import org.caprl.core.model.CausalLm.ImageInput;

/** Normalised patches. */
final class PixelValuesCheck implements Check {
    @Override
    public Quantity quantity() {
        return Quantity.PIXEL_VALUES;
    }

    @Override
    public boolean applies(GoldenCase golden) {
        return golden.hasImages();
    }

    @Override
    public Finding measure(CaseRun run) {
        Finding.Largest largest = new Finding.Largest();
        List<ImageInput> expected = run.golden().images(run.candidate().model());
        List<ImagePatches> ours = run.images().patches();
        if (expected.size() != ours.size()) {
            return largest.add(Double.NaN, ours.size() + " images, expected " + expected.size()).of(quantity());
        }
        for (int i = 0; i < ours.size(); i++) {
            ImagePatches own = ours.get(i);
            boolean same = sameGrid(expected.get(i), own);
            largest.add(same ? Differences.max(own.pixels(), expected.get(i).pixels()) : Double.NaN, same ? "image " + i
                    : "image " + i + ": grid " + Arrays.toString(new int[] {own.gridT(), own.gridH(), own.gridW()}));
        }
        return largest.of(quantity());
    }

    static boolean sameGrid(ImageInput golden, ImagePatches own) {
        return golden.gridT() == own.gridT() && golden.gridH() == own.gridH() && golden.gridW() == own.gridW()
                && golden.pixels().length == own.pixels().length;
    }
}
