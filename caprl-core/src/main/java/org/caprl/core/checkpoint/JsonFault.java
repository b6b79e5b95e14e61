package org.caprl.core.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;

/** Says what is wrong with a JSON text and where, without the parser's remarks about its own source. */
final class JsonFault {
    private JsonFault() {
    }

    static String describe(JsonProcessingException e) {
        String what = e.getOriginalMessage().replaceAll("\\s*\\(start marker at \\[[^]]*\\]\\)", "");
        return e.getLocation() == null ? what
                : "line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr() + ": " + what;
    }
}
