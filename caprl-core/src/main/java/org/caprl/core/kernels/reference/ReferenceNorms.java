package org.caprl.core.kernels.reference;

import org.caprl.core.tensor.Tensor;

/** Norms along rows and scales of columns, with the derivation of their gradients in one line each. */
final class ReferenceNorms {
    private ReferenceNorms() {
    }

    static void rmsNorm(Tensor x, Tensor w, float epsilon, Tensor y, Tensor inverseRms) {
        int columns = x.dim(1);
        double[] weight = Floats.of(w).slice(0, columns);
        for (int i = 0; i < x.dim(0); i++) {
            double[] row = Floats.of(x).slice((long) i * columns, columns);
            double squares = 0;
            for (double v : row) {
                squares += v * v;
            }
            double inverse = 1 / Math.sqrt(squares / columns + epsilon);
            for (int c = 0; c < columns; c++) {
                Floats.of(y).set((long) i * columns + c, row[c] * inverse * weight[c]);
            }
            Floats.of(inverseRms).set(i, inverse);
        }
    }

    /** With x̂ = x·r and ŷ = dy·w: dx = r·(ŷ - x̂·mean(ŷ·x̂)), dw = Σ dy·x̂. */
    static void rmsNormBackward(Tensor dy, Tensor x, Tensor w, Tensor inverseRms, Tensor dx, Tensor dw) {
        int columns = x.dim(1);
        double[] weight = Floats.of(w).slice(0, columns);
        double[] weightGrad = dw == null ? new double[columns] : Floats.of(dw).slice(0, columns);
        Floats dxs = Floats.of(dx);
        for (int i = 0; i < x.dim(0); i++) {
            double inverse = Floats.of(inverseRms).get(i);
            double[] normed = Floats.of(x).slice((long) i * columns, columns);
            double[] d = Floats.of(dy).slice((long) i * columns, columns);
            double mean = 0;
            for (int c = 0; c < columns; c++) {
                normed[c] *= inverse;
                weightGrad[c] += d[c] * normed[c];
                d[c] *= weight[c];
                mean += d[c] * normed[c] / columns;
            }
            for (int c = 0; c < columns; c++) {
                dxs.set((long) i * columns + c, inverse * (d[c] - normed[c] * mean));
            }
        }
        if (dw != null) {
            ReferenceProducts.store(weightGrad, Floats.of(dw), 0);
        }
    }

    static void layerNorm(Tensor x, Tensor w, Tensor b, float epsilon, Tensor y, Tensor statistics) {
        int columns = x.dim(1);
        double[] weight = Floats.of(w).slice(0, columns);
        double[] bias = Floats.of(b).slice(0, columns);
        for (int i = 0; i < x.dim(0); i++) {
            double[] row = Floats.of(x).slice((long) i * columns, columns);
            double mean = 0;
            for (double v : row) {
                mean += v / columns;
            }
            double variance = 0;
            for (double v : row) {
                variance += (v - mean) * (v - mean) / columns;
            }
            double inverse = 1 / Math.sqrt(variance + epsilon);
            for (int c = 0; c < columns; c++) {
                Floats.of(y).set((long) i * columns + c, (row[c] - mean) * inverse * weight[c] + bias[c]);
            }
            Floats.of(statistics).set(2L * i, mean);
            Floats.of(statistics).set(2L * i + 1, inverse);
        }
    }

    /** With x̂ = (x - mean)·r and ŷ = dy·w: dx = r·(ŷ - mean(ŷ) - x̂·mean(ŷ·x̂)), dw = Σ dy·x̂, db = Σ dy. */
    static void layerNormBackward(Tensor dy, Tensor x, Tensor w, Tensor statistics, Tensor dx, Tensor dw, Tensor db) {
        int columns = x.dim(1);
        double[] weight = Floats.of(w).slice(0, columns);
        double[] weightGrad = dw == null ? new double[columns] : Floats.of(dw).slice(0, columns);
        double[] biasGrad = db == null ? new double[columns] : Floats.of(db).slice(0, columns);
        Floats dxs = Floats.of(dx);
        for (int i = 0; i < x.dim(0); i++) {
            double mean = Floats.of(statistics).get(2L * i);
            double inverse = Floats.of(statistics).get(2L * i + 1);
            double[] normed = Floats.of(x).slice((long) i * columns, columns);
            double[] d = Floats.of(dy).slice((long) i * columns, columns);
            double meanGrad = 0;
            double meanProduct = 0;
            for (int c = 0; c < columns; c++) {
                normed[c] = (normed[c] - mean) * inverse;
                weightGrad[c] += d[c] * normed[c];
                biasGrad[c] += d[c];
                d[c] *= weight[c];
                meanGrad += d[c] / columns;
                meanProduct += d[c] * normed[c] / columns;
            }
            for (int c = 0; c < columns; c++) {
                dxs.set((long) i * columns + c, inverse * (d[c] - meanGrad - normed[c] * meanProduct));
            }
        }
        if (dw != null) {
            ReferenceProducts.store(weightGrad, Floats.of(dw), 0);
        }
        if (db != null) {
            ReferenceProducts.store(biasGrad, Floats.of(db), 0);
        }
    }

    static void scaleColumns(Tensor x, Tensor w, Tensor y) {
        int columns = x.dim(1);
        for (long i = 0; i < x.size(); i++) {
            Floats.of(y).set(i, Floats.of(x).get(i) * Floats.of(w).get(i % columns));
        }
    }

    /** dx = dy·w, dw = Σ dy·x. */
    static void scaleColumnsBackward(Tensor dy, Tensor x, Tensor w, Tensor dx, Tensor dw) {
        int columns = x.dim(1);
        double[] weightGrad = dw == null ? new double[columns] : Floats.of(dw).slice(0, columns);
        for (long i = 0; i < x.size(); i++) {
            int c = (int) (i % columns);
            weightGrad[c] += Floats.of(dy).get(i) * Floats.of(x).get(i);
            Floats.of(dx).set(i, Floats.of(dy).get(i) * Floats.of(w).get(c));
        }
        if (dw != null) {
            ReferenceProducts.store(weightGrad, Floats.of(dw), 0);
        }
    }
}
