package org.caprl.core.kernels.reference;

import org.caprl.core.tensor.Tensor;

/** Matrix products. */
final class ReferenceProducts {
    private ReferenceProducts() {
    }

    static void linear(Tensor x, Tensor w, Tensor bias, Tensor y) {
        int m = x.dim(0);
        int k = x.dim(1);
        int n = w.dim(0);
        Floats xs = Floats.of(x);
        Floats ws = Floats.of(w);
        Floats bs = bias == null ? null : Floats.of(bias);
        Floats ys = Floats.of(y);
        for (int j = 0; j < n; j++) {
            double[] row = ws.slice((long) j * k, k);
            for (int i = 0; i < m; i++) {
                double sum = bs == null ? 0 : bs.get(j);
                for (int l = 0; l < k; l++) {
                    sum += xs.get((long) i * k + l) * row[l];
                }
                ys.set((long) i * n + j, sum);
            }
        }
    }

    static void linearInputGrad(Tensor dy, Tensor w, Tensor dx, boolean accumulate) {
        int m = dy.dim(0);
        int n = dy.dim(1);
        int k = w.dim(1);
        Floats dys = Floats.of(dy);
        Floats ws = Floats.of(w);
        Floats dxs = Floats.of(dx);
        for (int i = 0; i < m; i++) {
            double[] sum = accumulate ? dxs.slice((long) i * k, k) : new double[k];
            for (int j = 0; j < n; j++) {
                double g = dys.get((long) i * n + j);
                for (int l = 0; l < k; l++) {
                    sum[l] += g * ws.get((long) j * k + l);
                }
            }
            store(sum, dxs, (long) i * k);
        }
    }

    static void linearWeightGrad(Tensor dy, Tensor x, Tensor dw, Tensor db) {
        int m = dy.dim(0);
        int n = dy.dim(1);
        int k = x.dim(1);
        Floats dys = Floats.of(dy);
        Floats xs = Floats.of(x);
        Floats dws = Floats.of(dw);
        for (int j = 0; j < n; j++) {
            double[] sum = dws.slice((long) j * k, k);
            double biasSum = 0;
            for (int i = 0; i < m; i++) {
                double g = dys.get((long) i * n + j);
                biasSum += g;
                for (int l = 0; l < k; l++) {
                    sum[l] += g * xs.get((long) i * k + l);
                }
            }
            store(sum, dws, (long) j * k);
            if (db != null) {
                Floats.of(db).add(j, biasSum);
            }
        }
    }

    static void store(double[] values, Floats to, long start) {
        for (int l = 0; l < values.length; l++) {
            to.set(start + l, values[l]);
        }
    }
}
