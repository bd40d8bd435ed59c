package io.valuetask.perf.load;

/** What is counted apart: operations of the measured time, and what happened to connections in the whole run. */
enum LoadCounter {
    SENT("sent", "operations given to a connection"),
    OK("ok", "answered as expected"),
    BAD_PAYLOAD("badPayload",
            "answered otherwise: other bytes, status or length, or what nobody had asked for"),
    RESET("reset", "lost with a connection that was reset"),
    CLOSED("closed", "lost with a connection that the peer had closed"),
    TIMEOUT("timeout", "not answered in time, and what waited behind that"),
    IN_FLIGHT_AT_END("inFlightAtEnd", "sent, and without an answer when the grace had passed"),
    WAITING_AT_END("waitingAtEnd", "due, and still without a connection when the grace had passed"),
    WAITING_AT_START("waitingAtStart",
            "due in the warm-up, and still without a connection when the measured time began: make the warm-up longer, "
                    + "unless the server cannot keep up"),
    SKIPPED("skipped", "due, but the cap of operations in flight was reached"),
    LATE_FIRES("lateFires", "fired later than the bound: the generator's fault"),
    WAITED("waited", "fired, but had to wait for a free connection"),
    OPENED("opened", "connections opened"),
    REFUSED("refused", "connection attempts that were refused"),
    CONNECT_ERROR("connectError", "connection attempts that failed otherwise, TLS included"),
    NO_FIN("noFin", "half-closed connections that the peer did not finish in time");

    private final String key;
    private final String meaning;

    LoadCounter(String key, String meaning) {
        this.key = key;
        this.meaning = meaning;
    }

    /** Its name in the JSON. */
    String key() {
        return key;
    }

    String meaning() {
        return meaning;
    }

    /** Whether a run in which that happened went less well than it looks. */
    boolean failure() {
        return switch (this) {
            case SENT, OK, WAITED, OPENED -> false;
            default -> true;
        };
    }
}
