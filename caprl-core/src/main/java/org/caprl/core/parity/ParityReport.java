package org.caprl.core.parity;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.caprl.core.InputException;

/**
 * The outcome of a comparison.
 *
 * @param rows one for each family, layout, case and quantity
 */
public record ParityReport(List<ParityRow> rows) {
    /** @throws InputException when there is nothing to report */
    public ParityReport {
        rows = List.copyOf(rows);
        if (rows.isEmpty()) {
            throw new InputException("nothing was compared: no case holds a quantity that is known; check meta.json and"
                    + " tensors.safetensors");
        }
    }

    /** Rows with this verdict. */
    public long count(Verdict verdict) {
        return rows.stream().filter(r -> r.verdict() == verdict).count();
    }

    /** An array with an object for each row. */
    public ArrayNode json() {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (ParityRow row : rows) {
            ObjectNode node = array.addObject();
            node.put("family", row.family()).put("layout", row.layout()).put("case", row.caseName());
            node.put("quantity", row.quantity().key()).put("backend", row.backend());
            node.put("maxDiff", row.maxDiff()).put("tolerance", row.tolerance()).put("verdict", row.verdict().key());
        }
        return array;
    }
}
