package io.valuetask.rivals;

/** What {@link io.valuetask.perf.ServerMain#start} is told. */
record RivalOptions(int port, int loops, boolean nativeTransport) {
    static RivalOptions parse(String[] arguments) {
        int port = Integer.parseInt(arguments[0]);
        int loops = 1;
        boolean nativeTransport = false;
        for (int i = 1; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--loops" -> loops = Integer.parseInt(arguments[++i]);
                case "--transport" -> nativeTransport = arguments[++i].equals("epoll");
                default -> throw new IllegalArgumentException(
                        "this server cannot do '" + arguments[i] + "'; leave it out of --modes");
            }
        }
        return new RivalOptions(port, loops, nativeTransport);
    }

    static void listening(int port) {
        System.out.println("listening on port " + port);
    }
}
