package org.caprl.core.text.jinja;

import java.util.Map;

/** What {@code namespace(...)} makes: attributes that keep their value when a loop sets them. */
record Namespace(Map<String, Object> attributes) {
}
