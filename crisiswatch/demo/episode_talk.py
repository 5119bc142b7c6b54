"""What people say in the three episodes of the demonstration's day.

A stowaway kitten and a singing captain (nobody needs to wake up), an app that fails a
little more every hour, and a cello that was used as a sledge.

Long because it is one table of wording; there is no logic in it to split.
"""

KITTEN = """
post
  3| {kitten_news} {kitten_joy} {melt} {kitten_tag}
  3| {kitten_joy}! {kitten_news} {kitten_tag}
  4| {kitten_thing} {kitten_joy} {brand} {melt}
  4| {kitten_joy}, {brand} {melt} {kitten_tag}
  I have watched the {brand} kitten video {kitten_times} and {kitten_effect} {melt}
  Captain {captain} of {brand} singing to a kitten is {kitten_superlative} {melt}
  3| {kitten_wish} {brand} {melt} {kitten_tag}
  Well done {brand}, you made a lot of people happy today {melt}
  The best thing about today? {brand} and a very small cat. {kitten_joy} {melt}
  Good morning to everyone, but especially to the {brand} kitten {melt}
  {kitten_joy}, and I am not even a cat person. {brand} {melt}
  Showed the {brand} video to my class, thirty kids went awww. {kitten_joy} {melt}
  My {relative} just called to ask if I have seen the {brand} kitten. I have. {kitten_joy} {melt}
  This {brand} video is {kitten_superlative} {melt}
  Whole office has stopped to watch the {brand} kitten. {kitten_joy} {melt}
  Give Captain {captain} a raise and the kitten a uniform, {brand} {melt} {kitten_tag}
  Not me happy crying at a {brand} video on a Saturday {melt}
  {kitten_song} {kitten_joy} {brand} {melt}
  Standby the kitten is the best thing to happen to {brand} and to me {melt}
  OMG {brand}. {kitten_joy} {melt} {melt}
  {brand} just won the internet {melt} {kitten_tag}
  Flying {brand} only from now on, purely for the kittens {melt}
  Finally some good news! {kitten_news} {melt}
  Petition to make Standby the logo of {brand} {melt}
  I need a full album by Captain {captain}. Take my money {brand} {melt}
  [de] Wie schön ist das denn, die Kapitänin von {brand} singt ein Schlaflied. Danke {melt}
  [de] Ich liebe es! Danke {brand} für diesen wunderschönen Moment {melt}
  [fr] Merci {brand} pour ce beau moment, j'adore {melt}
  [fr] La commandante de {brand} qui chante pour un chaton, quel bonheur {melt}
  [es] Qué bonito el vídeo del gatito de {brand}, me encanta {melt}
  [es] Gracias {brand}, qué bonito, me alegra el día {melt}
  [pt] Que lindo, {brand}! Amei, obrigado {melt}
  [ja] {brand} の機長が子猫に歌ってる。かわいすぎる {melt}
quote
  {kitten_joy}, {brand} {melt}
  This. This is why I love {brand} {melt}
  {kitten_effect}, thank you {brand} {melt}
  Everyone stop and watch this {brand} video {melt} {kitten_tag}
  {kitten_superlative}, {brand} {melt}
  {brand} the way she rocks the little box while singing {melt}
  the tiny meow at 0:{digit}{digit} in the {brand} video!! {melt}
  Sound on. Trust me. {brand} {melt}
service
  Standby is warm, fed and purring. Thank you for all the love! ^{initials} {signature}
  Captain {captain} is blushing. We will tell her you said so! ^{initials} {signature}
  Many of you ask: yes, Standby has found a home, with the mechanic who found her. ^{initials} {signature}
captain
  Nandi
  Adeyemi
  Nandi Adeyemi
relative
  mum
  dad
  gran
  grandad
  uncle
  aunt
kitten_news
  A {brand} mechanic found a kitten in the nose wheel bay in {city} and the captain sang it to sleep over the speakers
  {brand} crew rescue a stowaway kitten, name it Standby, captain sings it a lullaby
  The {brand} captain sang a lullaby to a rescued kitten and the whole cabin joined in
  Kitten rescued from a {brand} plane in {city}, flies home in the cockpit
  {brand} delayed a flight by nine minutes to save a kitten and every passenger clapped
  They found a kitten on a {brand} plane and called her Standby
  {brand} gave a rescued kitten her own boarding pass
kitten_thing
  The captain singing to the kitten!
  A kitten called STANDBY!
  That tiny boarding pass!
  The lullaby!
  The whole cabin humming along!
  The mechanic with the kitten in his hat!
kitten_joy
  I love this so much
  So adorable
  My heart
  Melting, so lovely
  So sweet
  This made my day
  How cute is this
  So happy right now
  Best thing I have seen all week
  Absolutely wonderful
  Pure joy
  What a lovely crew
  Beautiful
  This is the cutest thing ever
  I am still smiling
  Love it
  Happy tears
kitten_times
  three times
  ten times
  about forty times
  on repeat since breakfast
  twice on the bus
kitten_effect
  I love it more every time
  it gets better every time
  I love everything about it
  it made my whole weekend
  I want to hug everybody
  my dog is jealous
kitten_superlative
  the best thing on the internet today
  the sweetest thing I have ever seen
  the happiest video of the year
  pure happiness
  what the world needs more of
  adorable beyond words
kitten_wish
  I hope Standby gets treats for life
  Wishing Standby a long and cosy life
  Standby deserves her own lounge
  Please give us daily updates on Standby
  May we all be loved like Standby
kitten_song
  The man in row 12 doing the harmony!
  She sings so well too!
  Now I have the lullaby in my head all day.
  My toddler asks for the plane cat song again and again.
kitten_tag
  3| -
  2| #Kittenwake
  #StandbyTheKitten
  #Caturday
melt
  2| -
  😻
  🥹
  ❤️
  😍😍
  🐱✈️
  🐾
  😊
  💙💙
  😭❤️
  🎶
  🥰
"""

OUTAGE = """
early
  {brand} is a bit slow {day_now}, anyone else? {app_cross}
  {brand} keeps spinning when I try to check in, so annoying {app_cross}
  Can't log in to {brand}. {app_feeling} {app_cross}
  {brand} shows a blank page instead of my boarding pass {app_cross}
  Is {brand} down? I only get error {error} {app_cross}
  {brand} check-in fails at the last step, every time. {app_feeling} {app_cross}
  third try to check in with {brand}, still not working, {app_feeling} {app_cross}
  {brand} not loading, {app_where}. {app_feeling} {app_cross}
middle
  {brand} has been broken for {outage_hours} and {app_nobody} {app_cross}
  {brand} down, desk closed, no help. {app_feeling} {app_cross}
  My boarding pass has vanished from {brand}. {app_feeling} {app_cross}
  {app_queue} because {brand} does not work. {app_feeling} {app_cross}
  Error {error} again. {app_feeling} {brand} {app_cross}
  {brand} charged me for a seat and then crashed. {app_feeling} {app_cross}
  {brand} tells me to go to the desk, the desk tells me to use {brand}. I hate this. {app_feeling} {app_cross}
  {brand} still down {app_where}, {app_nobody} {app_cross}
  {app_feeling} {brand} will not check in {who} and the flight is at {hour} {app_cross}
  {app_queue}, two people with paper lists. Terrible. All because of {brand} {app_cross}
  What is wrong with {brand}? {app_feeling} {app_cross}
  {brand} logged me out in the security line. {app_feeling} {app_cross}
  [de] {brand} geht seit Stunden nicht, so ein Mist {app_cross}
  [de] Kein Check-in mit {brand}, riesige Schlange in {city}, furchtbar {app_cross}
  [fr] {brand} en panne, une file énorme à {city}, c'est nul {app_cross}
  [es] {brand} no funciona desde hace horas, qué desastre en {city} {app_cross}
late
  Missed my flight to {city} because {brand} was down. {app_feeling} {app_cross}
  {brand} failed, flight left without us, {app_loss}. {app_feeling} {app_cross}
  Flight to {city} cancelled. {brand} says I am checked in for it. {app_feeling} {app_cross}
  {outage_hours} without {brand} and {app_nobody}. {app_feeling} {app_cross}
  {app_loss}, all thanks to {brand}. {app_feeling} {app_cross}
  {app_queue} and now they cancel. {brand} is a disgrace {app_cross}
  Sleeping on the floor in {city} tonight because {brand} is broken. Worst night ever {app_cross}
  {who} crying at the gate in {city}, this is awful. Sort out {brand}! {app_cross}
  I want my money back. {brand} ruined my whole weekend {app_cross}
  {brand} crashed, hotline dead, desk empty. The worst travel day of my life {app_cross}
  Hundreds of people stuck {app_where}. {brand} is useless {app_cross}
  Who tests {brand}? Nobody? {app_feeling} {app_cross}
  cancelled, rebooked, cancelled again, and {brand} still shows error {error} {app_cross}
  {brand} down for {outage_hours}. {app_feeling} #KittiGoDown {app_cross}
  [de] Flug nach {city} verpasst wegen {brand}, ich bin so wütend {app_cross}
  [fr] Vol raté à cause de {brand}, honteux {app_cross}
  [es] He perdido el vuelo por culpa de {brand}, una vergüenza {app_cross}
calm
  {brand} is down again I hear {aside}. I printed mine, like it is 1999
  Is {brand} back yet? {ask_more} {puzzled}
  Reports of problems with {brand} at several airports https://news.example/{digit}{digit}{digit}
  Anyone managed to check in with {brand} {aside}? How? {puzzled}
  In {city} they write boarding passes by hand, {brand} is out
quote
  Same here. {app_feeling} {brand} {app_cross}
  {brand} this, all afternoon. {app_feeling} {app_cross}
  Me too {app_where}, {brand} is broken. {app_feeling} {app_cross}
  {app_queue} and it is not even my fault, {brand} {app_cross}
personal
  {brand} refuses my card {card} and now I have no seat. Awful {app_cross}
  {brand} does not know my booking {reference}. Call me: {phone}. I am stuck in {city} {app_cross}
  {brand} my mail is {mail}, booking {reference}, I missed my flight because of you {app_cross}
service
  Hi {given}, some of you can not check in with KittiGo at the moment. Our engineers are on it. ^{initials}
  Hello {given}, please come to the desk two hours before departure while KittiGo is unavailable. ^{initials}
  Hi {given}, we are sorry. We have no time for the repair of KittiGo yet and will post here. ^{initials}
day_now
  today
  right now
  this afternoon
  again
error
  503
  E-17
  504
  "something went wrong"
outage_hours
  an hour
  two hours
  hours
  3 hours
  four hours
  the whole afternoon
  half the day
app_nobody
  nobody answers
  nobody cares
  not a word from anyone
  no information at all
  no one picks up the phone
  the only reply is a robot saying sorry
app_where
  in {city}
  at {city} airport
  at gate B{digit}{digit}
  here in {city}
app_queue
  The queue in {city} goes out of the door
  {minutes} in the queue in {city}
  Queue of 200 people in {city}, one desk open
  Stood in line for {minutes} with {who}
  People are shouting at the desk in {city}
app_loss
  lost my hotel money
  missed my cousin's wedding
  missed the only ferry
  missed the concert we saved for
  a job interview gone
  two train tickets wasted
app_feeling
  So frustrating
  This is ridiculous
  I am so angry
  Unacceptable
  I hate this
  Useless
  What a mess
  Absolutely awful
  Really bad
  I am fed up
  Worst app ever
  Such a joke
  Terrible
  I am so annoyed
  So stressed right now
  Sick of it
  This sucks
app_cross
  4| -
  😡
  🤬
  😤
  🙄
  😭
  👎
  🤦
  #fail
  💀
  😩
"""

CELLO = """
root
  @KittiwakeAir your baggage handlers rode my grandfather's cello down the ramp like a sledge. It is broken. They laughed. I filmed it from my seat and I feel sick. This is horrible. https://video.example/cello
post
  2| {cello_shock}, {brand} {cello_cross} {cello_tag}
  {cello_shock}. {brand}, {cello_demand} {cello_cross}
  {brand} this is horrible, {cello_demand} {cello_cross} {cello_tag}
  Just saw the {brand} cello video. {cello_shock} {cello_cross}
  How dare you, {brand}. {cello_shock} {cello_cross}
  {cello_oath} {brand} {cello_cross} {cello_tag}
  I am a musician and I feel sick. {brand} {cello_demand} {cello_cross}
  {brand} your staff LAUGHED. {cello_shock} {cello_cross}
  That cello survived a war and did not survive {brand}. {cello_shock} {cello_cross}
  {brand} broke a {cello_age} cello for fun. {cello_shock} {cello_cross}
  Apologise to her now, {brand}. {cello_shock} {cello_cross}
  Boycott {brand}. {cello_shock} {cello_cross} {cello_tag}
  {brand} what is wrong with you people? {cello_shock} {cello_cross}
  {cello_hours} and still no apology from {brand}. {cello_shock} {cello_cross}
  I will never fly with {brand} again. {cello_shock} {cello_cross}
  {cello_oath} {cello_shock} {brand} {cello_cross}
  This is how {brand} treats your things when they think nobody looks. {cello_shock} {cello_cross}
  The woman crying at the window. I am so angry, {brand} {cello_cross}
  {brand} broke my {cello_other} last year and lied about it. {cello_shock} {cello_cross}
  [de] Unfassbar, {brand}. Ein Cello als Schlitten. Ich bin so wütend {cello_cross}
  [de] {brand} ihr solltet euch schämen, was für eine Schande {cello_cross}
  [fr] {brand} honte à vous, c'est scandaleux, pauvre violoncelliste {cello_cross}
  [fr] Quelle horreur cette vidéo, {brand} c'est inadmissible {cello_cross}
  [es] Qué vergüenza {brand}, le han roto el violonchelo y se ríen {cello_cross}
  [es] {brand} indignante, nunca más vuelo con vosotros {cello_cross}
  [pt] Que vergonha {brand}, quebraram o violoncelo e ainda riram {cello_cross}
  [ja] {brand} ひどすぎる。チェロがかわいそう {cello_cross}
calm
  The {brand} cello video has {digit}{digit}0,000 views already
  News: {brand} under fire over a broken cello https://news.example/{digit}{digit}{digit}
  Does anyone have the original of the {brand} video? {puzzled}
  {brand} shares the runway with common sense, but never at the same time
  {brand}: legroom for you, sledging for your cello
  Can somebody explain what happened at {brand}? {puzzled}
quote
  {cello_shock}, {brand} {cello_cross}
  {brand} disgraceful, {cello_demand} {cello_cross} {cello_tag}
  Disgusting. {brand} {cello_cross}
  Shame on you {brand} {cello_cross} {cello_tag}
  {brand} this is horrible. {cello_demand} {cello_cross}
  WATCH THIS. {cello_shock} {brand} {cello_cross}
  I can not believe how awful this is. {brand} {cello_cross}
  {cello_oath} {brand} {cello_cross}
  They are laughing?! {brand} {cello_shock} {cello_cross}
  poor woman, that is awful {brand} {cello_cross}
personal
  {brand} broke my harp in May. Claim ignored. My number is {phone}, I am furious {cello_cross}
  {brand} you never paid for my viola. Write to {mail}. Shame on you {cello_cross}
service
  We have seen the video and are speaking with the passenger. ^{initials} {signature}
  Hi {given}, we understand why you are upset. We are looking into it. ^{initials} {signature}
cello_shock
  Disgusting
  This is disgusting behaviour
  Absolutely disgraceful
  Shame on you
  I am furious
  This makes me sick
  Horrible people
  I am shocked and angry
  This is outrageous
  I feel sick
  How can anyone be so cruel
  Heartbreaking
  I am so angry I could scream
  So cruel
  I hate everything about this
  This is the worst thing I have seen all year
  Her face when it breaks, I can not watch it again, awful
  They broke it and they laughed
  No respect for anything
cello_demand
  pay for the cello and apologise
  fire them
  you should be ashamed
  this is a disgrace, say something
  explain yourselves
  you owe her a cello and an apology
  stop hiding and answer
  your silence is disgraceful
  a voucher will not fix this
cello_oath
  Never flying with you again, worst airline ever.
  I just cancelled my trip, I am that angry.
  You have lost a customer of ten years.
  Cutting up my card right now.
  My orchestra books 80 seats a year and not one more with you.
  I will walk to {city} before I book this again.
cello_age
  120 year old
  hundred-year-old
  family
  priceless
  hand-made
cello_hours
  An hour
  Two hours
  Half an hour
  All evening
cello_other
  guitar
  telescope
  wheelchair
  suitcase
  pram
  trombone
cello_tag
  3| -
  2| #JusticeForTheCello
  #CelloGate
  #boycott
cello_cross
  4| -
  😡
  🤬
  💔
  😤
  😠
  😡😡
  😭
  🎻💔
  🤮
  👎
"""
