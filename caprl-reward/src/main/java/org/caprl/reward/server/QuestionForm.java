package org.caprl.reward.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.caprl.core.data.QaForms;
import org.caprl.core.data.QaItem;

/**
 * Questions in a request: pairs {@code [text, answer]} with the choices in the text, or objects with or without {@code choices}. Texts
 * have the forms of {@link QaForms}. An answer that is a number is an index into choices that are taken as they are: the exact form.
 */
final class QuestionForm {
    private QuestionForm() {
    }

    /** At least one question. */
    static List<QaItem> list(JsonPlace place) {
        List<QaItem> questions = new ArrayList<>();
        for (JsonPlace item : place.items()) {
            questions.add(one(item));
        }
        if (questions.isEmpty()) {
            throw place.wrong("at least one question");
        }
        return questions;
    }

    private static QaItem one(JsonPlace place) {
        if (!place.isObject()) {
            List<JsonPlace> pair = place.pair("[question, answer], or an object");
            String question = pair.getFirst().text();
            String answer = pair.getLast().text();
            return item(place, () -> QaForms.read(question, answer));
        }
        String question = place.member("question").text();
        JsonPlace answer = place.member("answer");
        Optional<JsonPlace> choices = place.optional("choices");
        if (choices.isEmpty()) {
            String letter = answer.text();
            return item(place, () -> QaForms.read(question, letter));
        }
        if (choices.get().node().isTextual()) {
            String lines = choices.get().text();
            String letter = answer.text();
            return item(place, () -> QaForms.read(question, lines, letter));
        }
        List<String> texts = choices.get().items().stream().map(JsonPlace::text).toList();
        if (answer.isWholeNumber()) {
            int index = answer.whole(0, QaItem.LABELS - 1);
            return item(place, () -> new QaItem(question, texts, index));
        }
        String letter = answer.text();
        return item(place, () -> QaForms.read(question, texts, letter));
    }

    /** Writes a question in the exact form. */
    static void exact(ObjectNode node, QaItem item) {
        node.put("question", item.question()).put("answer", item.answer());
        item.choices().forEach(node.putArray("choices")::add);
    }

    private static QaItem item(JsonPlace place, Supplier<QaItem> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new RequestFault(RequestFault.UNPROCESSABLE, place.path(), e.getMessage());
        }
    }
}
