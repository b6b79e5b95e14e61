package org.caprl.core.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What is refused, and in which words. */
class CheckedOpsTest {
    private final TensorOps ops = Backends.open("reference", 1).ops();
    private final TensorScope scope = new TensorScope(ops.memory());

    @AfterEach
    void close() {
        scope.close();
        ops.close();
    }

    private static void refuses(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void shapesSayWhereTheyComeFrom() {
        Tensor x = scope.floats(3, 8);
        refuses("linear: w is F32[7, 5], expected [N, K=8]; K comes from x F32[3, 8]",
                () -> ops.linear(x, scope.floats(7, 5), null, scope.floats(3, 7)));
        refuses("linear: x is F32[24], expected [M, K]", () -> ops.linear(x.reshape(24), scope.floats(7, 8), null, scope.floats(3, 7)));
        refuses("add: b is F32[8, 3], expected the shape of a F32[3, 8]", () -> ops.add(x, scope.floats(8, 3), scope.floats(3, 8)));
        refuses("layerNorm: statistics is F32[3, 1], expected [M=3, 2]; M comes from x F32[3, 8]",
                () -> ops.layerNorm(x, scope.floats(8), scope.floats(8), 1e-6f, scope.floats(3, 8), scope.floats(3, 1)));
    }

    @Test
    void dtypesAndNulls() {
        Tensor x = scope.floats(3, 8);
        refuses("linear: x is I32[3], expected F32", () -> ops.linear(scope.ints(1, 2, 3), x, null, x));
        refuses("linear: w is null", () -> ops.linear(x, null, null, x));
        refuses("copy: no conversion from x F32[3, 8] to y I32[3, 8]", () -> ops.copy(x, scope.allocate(DType.I32, 3, 8)));
    }

    @Test
    void overlaps() {
        Tensor x = scope.zeros(DType.F32, 4, 4);
        refuses("gelu: y F32[4, 4] overlaps x F32[4, 4]", () -> ops.gelu(x, Gelu.ERF, x));
        ops.scale(x, 2, x);
        refuses("scale: y F32[3, 4] overlaps x F32[3, 4]; it may be the very same elements, or others",
                () -> ops.scale(x.rows(0, 3), 2, x.rows(1, 4)));
        ops.gelu(x.rows(0, 2), Gelu.ERF, x.rows(2, 4));
    }

    @Test
    void indicesNameTheValueAndTheTable() {
        Tensor table = scope.zeros(DType.F32, 5, 2);
        Tensor rows = scope.zeros(DType.F32, 2, 2);
        refuses("gatherRows: index[1] is 5, but x F32[5, 2] has 5 rows", () -> ops.gatherRows(table, scope.ints(0, 5), rows));
        refuses("scatterAddRows: index[0] is -1, but y F32[5, 2] has 5 rows", () -> ops.scatterAddRows(rows, scope.ints(-1, 0), table));
        refuses("scatterRows: index[1] is 3 a second time; entries are distinct",
                () -> ops.scatterRows(rows, scope.ints(3, 3), table));
        ops.scatterRows(rows, scope.ints(-1, -1), table);
    }

    @Test
    void plans() {
        Tensor q = scope.zeros(DType.F32, 4, 8);
        Tensor k = scope.zeros(DType.F32, 6, 4);
        Tensor out = scope.floats(4, 8);
        refuses("attention: plan segment 0 (queries 0..4) has keys 0..7 outside of k F32[6, 4]",
                () -> ops.attention(q, k, k, new AttentionPlan().queries(0, 4).keys(0, 7), 4, 1, out, null));
        refuses("attention: plan segment 1 (queries 3..5) is outside of q F32[4, 8]",
                () -> ops.attention(q, k, k, new AttentionPlan().queries(0, 1).keys(0, 1).queries(3, 5).keys(0, 1), 4, 1, out, null));
        refuses("attention: plan segment 1 (queries 1..3) names query row 1 that an earlier segment has",
                () -> ops.attention(q, k, k, new AttentionPlan().queries(0, 2).keys(0, 1).queries(1, 3).keys(0, 1), 4, 1, out, null));
        refuses("attention: plan segment 0 (queries 0..4) sees no keys",
                () -> ops.attention(q, k, k, new AttentionPlan().queries(0, 4), 4, 1, out, null));
        refuses("attention: plan segment 0 (queries 0..4) is causal over 3 keys, expected at least one a query",
                () -> ops.attention(q, k, k, new AttentionPlan().queries(0, 4).keys(0, 3).causal(), 4, 1, out, null));
        refuses("attention: q is F32[4, 8] and k is F32[6, 4], expected whole heads of 3 columns",
                () -> ops.attention(q, k, k, AttentionPlan.causal(4), 3, 1, out, null));
    }

    @Test
    void samplingSettings() {
        Tensor logits = scope.zeros(DType.F32, 1, 4);
        SamplingRows rows = new SamplingRows(1);
        rows.topP[0] = 0;
        refuses("sample: topP of row 0 is 0.0, expected more than 0, at most 1",
                () -> ops.sample(logits, rows, scope.ints(0), scope.floats(1, 3)));
        rows.topP[0] = 1;
        rows.repetitionPenalty[0] = 1.1f;
        refuses("sample: row 0 has a repetition penalty but no set of seen tokens",
                () -> ops.sample(logits, rows, scope.ints(0), scope.floats(1, 3)));
        refuses("sample: logits are F32[2, 4] for settings of 1 rows",
                () -> ops.sample(scope.floats(2, 4), rows, scope.ints(0, 0), scope.floats(2, 3)));
    }
}
