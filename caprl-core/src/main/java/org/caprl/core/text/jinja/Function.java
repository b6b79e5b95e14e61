package org.caprl.core.text.jinja;

import java.util.List;
import java.util.Map;

/** Something a template can call: a global function or a macro. */
@FunctionalInterface
interface Function {
    Object call(List<Object> positional, Map<String, Object> named);
}
