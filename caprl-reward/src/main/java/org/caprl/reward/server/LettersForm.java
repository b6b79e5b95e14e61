package org.caprl.reward.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.caprl.core.data.QaItem;
import org.caprl.reward.qa.CaptionQuestions;
import org.caprl.reward.qa.LetterLogProbs;
import org.caprl.reward.qa.PosedQuestion;

/**
 * The form of {@code POST /v1/letters}, for both sides; {@code schema.json} describes it. Nothing is drawn: questions are put as they
 * are, and what the answerer thinks of each letter comes back.
 */
final class LettersForm {
    private static final Set<String> MEMBERS = Set.of("captions");
    private static final Set<String> CAPTION = Set.of("text", "questions");

    private static final String UNANSWERED = "unanswered";

    private LettersForm() {
    }

    /** A caption an item. @param maxCaption most characters of a caption */
    static List<CaptionQuestions> read(JsonPlace body, int maxCaption) {
        body.only(MEMBERS);
        List<CaptionQuestions> captions = new ArrayList<>();
        for (JsonPlace caption : body.member("captions").items()) {
            caption.only(CAPTION);
            List<PosedQuestion> questions = QuestionForm.list(caption.member("questions")).stream()
                    .map(item -> new PosedQuestion(item.question(), item.choices(), item.answer())).toList();
            captions.add(new CaptionQuestions(caption.member("text").text(maxCaption), questions, 0));
        }
        return captions;
    }

    /** A request for one caption. */
    static ObjectNode request(CaptionQuestions asked) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ObjectNode caption = body.putArray("captions").addObject().put("text", asked.caption());
        ArrayNode questions = caption.putArray("questions");
        for (PosedQuestion posed : asked.questions()) {
            QuestionForm.exact(questions.addObject(), new QaItem(posed.question(), posed.options(), posed.right()));
        }
        return body;
    }

    /** The answer. */
    static ObjectNode write(List<CaptionQuestions> asked, List<List<LetterLogProbs>> letters) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode captions = answer.putArray("captions");
        for (int i = 0; i < asked.size(); i++) {
            ArrayNode questions = captions.addObject().putArray("questions");
            for (int q = 0; q < letters.get(i).size(); q++) {
                PosedQuestion posed = asked.get(i).questions().get(q);
                LetterLogProbs found = letters.get(i).get(q);
                ObjectNode node = questions.addObject();
                if (found.failure().isPresent()) {
                    node.put(UNANSWERED, found.failure().get());
                    continue;
                }
                char best = found.best(posed, false);
                ObjectNode byLetter = node.putObject("log_probs");
                for (int letter = 0; letter < LetterLogProbs.LETTERS; letter++) {
                    byLetter.put(String.valueOf(QaItem.letter(letter)), found.byLetter()[letter]);
                }
                node.put("best", String.valueOf(best)).put("right", String.valueOf(posed.rightLetter()))
                        .put("correct", best == posed.rightLetter());
            }
        }
        return answer;
    }

    /**
     * The letters of the only caption of an answer.
     *
     * @throws IllegalArgumentException if it is not the answer to a request for these questions
     */
    static List<LetterLogProbs> letters(JsonNode answer, CaptionQuestions asked) {
        JsonNode questions = answer.at("/captions/0/questions");
        if (questions.size() != asked.questions().size()) {
            throw new IllegalArgumentException("letters of " + questions.size() + " questions for " + asked.questions().size());
        }
        List<LetterLogProbs> found = new ArrayList<>();
        for (JsonNode question : questions) {
            if (question.path(UNANSWERED).isTextual()) {
                found.add(LetterLogProbs.failed(question.path(UNANSWERED).textValue()));
                continue;
            }
            double[] byLetter = new double[LetterLogProbs.LETTERS];
            for (int letter = 0; letter < byLetter.length; letter++) {
                JsonNode value = question.path("log_probs").path(String.valueOf(QaItem.letter(letter)));
                if (!value.isNumber()) {
                    throw new IllegalArgumentException("no log-probability of the letter " + QaItem.letter(letter) + ": " + question);
                }
                byLetter[letter] = value.doubleValue();
            }
            found.add(new LetterLogProbs(byLetter));
        }
        return found;
    }
}
