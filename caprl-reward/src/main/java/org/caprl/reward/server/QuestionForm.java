package org.caprl.reward.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.caprl.core.data.QaItem;

/** Questions in a request: {@code [text, answer]}, the options in the text, or an object with or without {@code choices}. */
final class QuestionForm {
    private static final Pattern OPTION = Pattern.compile("\\s*(?:-\\s*)?([A-I])\\)\\s*(.*)");

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
        if (place.isObject()) {
            JsonPlace answer = place.member("answer");
            Optional<List<String>> choices = place.optional("choices").map(c -> c.items().stream().map(JsonPlace::text).toList());
            if (answer.isWholeNumber() && choices.isPresent()) {
                return item(place, () -> new QaItem(place.member("question").text(), choices.get(),
                        answer.whole(0, choices.get().size() - 1)));
            }
            return normalised(place, place.member("question").text(), choices, answer.text());
        }
        List<JsonPlace> pair = place.pair("[question, answer]");
        return normalised(place, pair.getFirst().text(), Optional.empty(), pair.getLast().text());
    }

    private static QaItem normalised(JsonPlace place, String question, Optional<List<String>> choices, String answer) {
        List<String> labelled = new ArrayList<>();
        String wording = question.lines().findFirst().orElse("");
        question.lines().skip(1).map(OPTION::matcher).filter(Matcher::matches).forEach(m -> labelled.add(m.group(1) + ") " + m.group(2)));
        return item(place, () -> QaItem.labelled(wording, choices.orElse(labelled), answer));
    }

    private static QaItem item(JsonPlace place, java.util.function.Supplier<QaItem> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new RequestFault(RequestFault.UNPROCESSABLE, place.path(), e.getMessage());
        }
    }
}
