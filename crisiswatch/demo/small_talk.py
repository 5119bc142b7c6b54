"""What everybody else talks about: the unrelated firehose, in several registers and languages.

`near_miss` holds the words of the watched topics in another sense, or inside other
words: a matcher that looks for parts of words would take them for posts about the
airline. A text that is not English starts with its language (`[de] `).

Long because it is one table of wording; there is no logic in it to split.
"""

SMALL_TALK = """
post
  3| {talk}
  2| {talk} {tail}
tail
  😂
  😅
  🙃
  ✨
  🔥
  💯
  👀
  🤷
  🤷‍♀️
  🎉
  ☕
  🍕
  🌻
  🌈
  🤞
  🙏
  💚
  🧡
  🫶
  🐌
  🥳
  🤓
  😬
  😌
  #{hashtag}
  #{hashtag}
  #{hashtag}
  #{hashtag} #{hashtag}
  lol
  haha
  anyway
  ...
hashtag
  saturday
  weekend
  mood
  life
  home
  today
  spring
  smalljoys
  fail
  goodnews
  nature
  friends
  family
  coffee
  photo
  thoughts
talk
  9| {football}
  8| {weather}
  8| {cooking}
  7| {music}
  9| {chatter}
  5| {jobs}
  6| {pets}
  6| {games}
  5| {headline}
  4| {deal}
  4| {care}
  5| {teen}
  4| {formal}
  4| {screen}
  4| {garden}
  3| {running}
  3| {shouting}
  3| {books}
  3| {transit}
  5| {german}
  5| {spanish}
  4| {french}
  5| {portuguese}
  5| {japanese}
football
  What a goal by {player}! {team} {score} {ball}
  {team} {score} {team2}. {football_mood} {ball}
  ref needs new glasses, never a penalty {ball} #{team}
  {player} hat trick and I missed it because of the washing machine
  Full time: {team} {score} {team2}
  Kick-off in ten minutes, snacks are ready {ball} #{team}
  {team} have not won away since I had hair
  {player} warming up. Come on {team}! {ball}
  Somebody mark {player} please, anybody, a traffic cone would do
  VAR took four minutes to find out what my dog saw at once
  my fantasy team has 11 injured players and a captain on holiday
  {football_mood} {player} {ball}
  Away end singing the whole second half, goosebumps {ball} #{team}
  {team} scarf on, phone off, see you all in two hours
football_mood
  I can't breathe
  Deserved
  Robbed
  What a match
  Season over
  I believe
  Never in doubt
  Typical
team
  Harbour City
  Old Mill Rovers
  Northgate
  Real Pradera
  Sporting Alvor
  Lakeside United
  Union Talheim
  FC Vernois
team2
  Ashby Town
  Westcliffe
  Atletico Marea
  Victoria Kessel
  Port Elm
  Dynamo Ostrava West
score
  1-0
  2-1
  0-0
  3-2
  4-0
  1-1
player
  Okonedo
  Silvares
  Bergqvist
  Tanaka
  Delacroix
  Mbeki
  Ruiz
  Halloran
  Petrov
  van Houten
ball
  2| -
  ⚽
  ⚽🔥
  🏆
  😱
  🙌
weather
  {sky} in {town} again {sun}
  Woke up to {sky} and my washing is on the line {sun}
  {degrees} degrees in {town}, {weather_mood} {sun}
  The forecast said {sky}. The forecast lied {sun}
  Is it just me or is it really windy in {town}?
  Rainbow over {town} right now, both ends visible 🌈
  First proper spring day, everyone in {town} is in shorts, nobody is warm
  Storm front moving in from the west, gusts to 70 by evening #weather
  {sky} warning for {town} until 18:00
  My umbrella lasted eleven minutes {sun}
  fog so thick I said good morning to a postbox
sky
  rain
  drizzle
  hail
  snow
  fog
  sunshine
  thunder
  sideways rain
degrees
  3
  7
  11
  14
  19
  -2
weather_mood
  finally
  coat back on
  ice cream weather
  why do I live here
  lovely
sun
  2| -
  ☔
  🌧️
  ☀️
  🌬️
  ❄️
  🥶
town
  Aberystwyth
  Antwerp
  Boise
  Brno
  Cardiff
  Dundee
  Fargo
  Galway
  Graz
  Halifax
  Hobart
  Ljubljana
  Madison
  Osaka
  Perth
  Pune
  Quito
  Tampa
  Toronto
  Utrecht
  Wellington
  York
cooking
  {dish} for dinner, {cook_mood} {food}
  First attempt at {dish}. {cook_mood} {food}
  Recipe: {dish} with {extra}, 30 minutes, one pan {food} #{food_tag}
  I put {extra} in the {dish} and I regret nothing {food}
  Who else eats {dish} cold for breakfast? {food}
  burnt the {dish} again, the smoke alarm is my timer {food}
  My gran's {dish} beats every restaurant in {town} {food}
  sourdough update: it is alive and it is angry {food}
  Do you put {extra} in {dish}? Wrong answers only {food}
  three hours of {dish}, eaten in four minutes {food}
  {dish} > everything {food}
dish
  lasagne
  dal
  ramen
  shakshuka
  pierogi
  jollof
  risotto
  banana bread
  leek soup
  tacos
  pancakes
  goulash
  paella
  mushroom pie
extra
  too much garlic
  smoked paprika
  lime
  brown butter
  pickles
  a whole lemon
  chilli oil
  peas
cook_mood
  not bad at all
  a disaster but tasty
  the kids asked for toast
  send help
  ten out of ten
  I am proud of me
food
  2| -
  🍜
  🍝
  🥘
  😋
  🍞
  🌮
  🔥
food_tag
  homecooking
  recipes
  foodie
  comfortfood
music
  {song} on repeat since {when} {note}
  New single by {band} is out and {music_mood} {note}
  {band} in {town} last night, {music_mood} {note}
  Learning {instrument}: the neighbours send their regards {note}
  #nowplaying {song} - {band} https://play.example/{digit}{digit}{digit}{digit}
  Vinyl find of the day: {band}, two euros, one scratch {note}
  choir practice and I was flat, officially {note}
  {band} tickets gone in four minutes, I was number 18,{digit}{digit}{digit} {note}
  That bass line in {song} though {note}
  bought {instrument} strings, now I owe the shop my salary
song
  Paper Lanterns
  Seven Winters
  Hold The Line, Marie
  Tin Roof
  Glasshouse
  Slow Tram
  Ocean Floor
  Nobody's Kitchen
band
  The Quiet Ferries
  Marzipan Riot
  Delta Moth
  Okapi Sound System
  Velvet Tractor
  Nina and the Tides
  Static Orchard
instrument
  the cello
  the ukulele
  the trombone
  drums
  the accordion
  piano
music_mood
  I am in love
  it is all I hear now
  what a night
  still can't talk
  better than the album
  I danced with a stranger's dad
note
  2| -
  🎶
  🎸
  🎧
  🎻
  💿
  🕺
when
  Tuesday
  6am
  the shower
  breakfast
  last summer
chatter
  {chat_open} {chat_what} {chat_face}
  {chat_what} {chat_face}
  @{friend} {chat_reply} {chat_face}
  @{friend} @{friend} {chat_reply}
  good {daytime} to everyone except {annoyance} {chat_face}
  unpopular opinion: {opinion}
  {opinion}. There, I said it {chat_face}
  {daytime} walk: {digit},{digit}00 steps, two dogs greeted, zero mails read
  why does {annoyance} exist {chat_face}
  my toddler calls {toddler_a} "{toddler_b}" and I will never correct it {chat_face}
  Overheard on the bus: "{overheard}"
  day {digit}{digit} of pretending I know where my keys are
  RT @{friend}: {opinion}
  RT @{friend}: {chat_what}
chat_open
  ok so
  Update:
  Honestly,
  Anyway,
  lol
  Plot twist:
  PSA:
  Not to brag but
chat_what
  I fixed the tap and only flooded one room
  the plant I gave up on has a new leaf
  my parcel went to the wrong house and they baked me a cake
  I waved at someone who was not waving at me
  the lift spoke to me today
  I have been muted for the whole meeting
  my phone is at 2% and so am I
  the neighbours bought a trampoline, pray for us
  I cut my own fringe
  the library fine is bigger than the book
  I said "you too" to the waiter
  I cleaned the oven and found a sock
  the baby slept seven hours, who is this baby
  I have three tabs open and all of them are about bread
  somebody painted the bench while I was sitting on it
chat_face
  3| -
  😂
  🤣
  🙃
  😅
  😴
  💀
  🥲
  😎
  lol
chat_reply
  haha same
  see you at eight?
  that is so true
  no way
  call me when you are back
  I told you so
  happy birthday!! hope you have the best day
  thank you, this helped a lot
  where did you get those shoes
  agree, but with more cheese
  sent you a DM
  congrats, so well deserved
  get well soon
daytime
  morning
  evening
  lunch break
  Saturday
  midnight
annoyance
  the printer
  leaf blowers
  people who reply all
  autocorrect
  my alarm
  wet socks
  fitted sheets
  whoever ate my yoghurt
opinion
  soup is a drink
  Sunday starts on Saturday at five
  cats are better listeners than most managers
  the middle of the loaf is overrated
  every meeting could be a postcard
  crisps belong in sandwiches
  pigeons are just brave
  board games need fewer rules and more snacks
  tea first, then the news
toddler_a
  helicopters
  spaghetti
  the moon
  escalators
  penguins
toddler_b
  sky spoons
  long rice
  night lamp
  lazy stairs
  church chickens
overheard
  I only dance if there is a fire exit
  he proposed with an onion ring
  we named the car after my aunt, and it is just as loud
  is Thursday the one before or after?
  my therapist has a therapist
friend
  juniper_moon
  tomtoast
  lena_bee
  badger88
  kai_k
  rosa
  missmaple
  velvetnoodle
  omar_w
  the_stitch
jobs
  We are hiring a {job} in {town}: https://jobs.example/{digit}{digit}{digit}{digit} #jobs
  First day as a {job}! Wish me luck 🍀
  {job} interview tomorrow, send good thoughts
  Six years as a {job}, and today somebody said thank you 🥹
  Looking for a {job} position in {town}, happy for any hint
  Handed in my notice today. Scared and relieved
  New role: {job} at a small company in {town}. Excited to begin
  my boss said "quick call" and that was at nine
job
  nurse
  data engineer
  baker
  welder
  teacher
  gardener
  tram driver
  product designer
  archivist
  paramedic
  bookkeeper
pets
  {pet} {pet_does} {paw}
  My {pet} {pet_does} {paw}
  {pet_name} the {pet} {pet_does} {paw} #petsofinstagram
  Adopted a {pet} today, meet {pet_name} {paw}
  Lost {pet} near {town}, brown collar, answers to {pet_name}. Please share 🙏
  vet says {pet_name} is "big boned" {paw}
  rate my {pet} {paw}
pet
  cat
  dog
  rabbit
  parrot
  hamster
  tortoise
  kitten
pet_name
  Biscuit
  Professor
  Waffles
  Pickle
  Sir Barks
  Mochi
  Olga
  Turbo
pet_does
  is on the keyboard again
  has learned to open the fridge
  is afraid of the new broom
  stole a whole baguette
  sat on the router, sorry for being offline
  snores louder than my uncle
  won third prize, out of three
paw
  2| -
  🐾
  🐱
  🐶
  🐰
  😹
  ❤️
games
  {game} servers back up, see you online {pad}
  Finally beat the last boss in {game} {pad}
  {game} patch notes: {patch} {pad}
  lost to a ten year old in {game}, he was very polite {pad}
  Streaming {game} in 10, come and laugh {pad} https://live.example/{digit}{digit}{digit}
  400 hours in {game} and I still miss the tutorial {pad}
  who nerfed the {weapon}, I just want to talk {pad}
  need two more for {game} tonight, no shouting please {pad}
game
  Hollow Harbour
  Star Tram
  Farmfall
  Knight Shift
  Turbo Chess
  Deep Meadow
patch
  the goat can no longer drive
  fixed a bug where fish could vote
  -3 % on bows, +100 % on hats
  removed stairs
weapon
  frying pan
  ice lance
  banjo
  crossbow
pad
  2| -
  🎮
  🕹️
  😤
  🏆
headline
  {town} council approves new {thing} after long debate https://news.example/{digit}{digit}{digit}{digit}
  BREAKING: {thing} in {town} closed until further notice
  Study finds that {finding} https://news.example/{digit}{digit}{digit}{digit}
  {town}: volunteers restore historic {thing}
  Markets close slightly {direction} on Friday
  Opinion | Why {opinion}
  Scientists discover {finding2} near {town}
  Local choir from {town} wins international contest
  {digit}{digit}-year-old from {town} swims the lake for the {digit}{digit}th time
thing
  bridge
  library
  swimming pool
  tram line
  market hall
  lighthouse
  cycle path
  windmill
finding
  people who nap are nicer
  plants grow better when ignored
  walking to work adds years
  crows remember faces for ten years
  most passwords are pets
finding2
  a new species of moth
  a Roman oven
  an unusually old oak
  a lake under a lake
direction
  up
  down
  higher
  lower
deal
  🔥 DEAL 🔥 {product} now {digit}{digit}% off, today only https://deals.example/{digit}{digit}{digit}{digit} #ad
  WIN a {product}! Follow + repost, ends Sunday #giveaway
  {product} from £{digit}{digit}.99 ➡️ https://deals.example/{digit}{digit}{digit}{digit}
  Price drop: {product} ({digit}{digit}{digit} reviews) https://deals.example/{digit}{digit}{digit}{digit}
  Use code SPRING{digit}{digit} for {product} 💸 #deal #sale
product
  espresso machine
  standing desk
  air fryer
  noise-cancelling headphones
  hiking boots
  LED strip
  robot vacuum
  carry-on suitcase
  yoga mat
care
  Hi {friend}, sorry for the trouble. Please send us your order number by DM. ^{letter}{letter}
  Hello {friend}, your parcel is on its way and should arrive by Tuesday. ^{letter}{letter}
  Thanks for letting us know {friend}, the engineers in {town} are looking into it. ^{letter}{letter}
  Hi {friend}, have you tried switching it off and on again? ^{letter}{letter}
  Good morning {friend}, our shop in {town} opens at nine. ^{letter}{letter}
letter
  A
  B
  D
  J
  K
  M
  R
  T
teen
  ngl {teen_what} {teen_face}
  {teen_what} fr fr {teen_face}
  bestie {teen_what} {teen_face}
  no bc why {teen_what} {teen_face}
  it's giving {giving} {teen_face}
  me when {teen_what} {teen_face}
  lowkey obsessed w this {teen_thing} {teen_face}
  the way i SCREAMED at this {teen_thing} {teen_face}
teen_what
  mr harris brought donuts to the test
  i slept thru two alarms n a fire drill
  my mom found my spam account
  the bus driver knows my playlist
  maths is not mathing
  my hair is finally cooperating
  he said "wyd" and then nothing for 3 days
teen_face
  2| -
  💀
  😭😭
  💅
  ✨
  🫠
  🙈
teen_thing
  playlist
  edit
  outfit
  show
  hoodie
giving
  substitute teacher on friday
  lost in the supermarket
  main character
  grandma's curtains, but make it fashion
formal
  We are pleased to announce that the annual meeting will take place in {town} on 21 April.
  Please note that the {thing} will remain closed for maintenance on Monday.
  It was an honour to speak in {town} about the future of the {thing}.
  My article on the history of the {thing} in {town} has been published. Comments are welcome.
  The society regrets to inform its members that the excursion to {town} is postponed.
  Registration for the spring course is now open: https://learn.example/{digit}{digit}{digit}
screen
  Just finished {show}, no spoilers but WHAT {telly}
  {show} season {digit}, episode {digit}: {show_mood} {telly}
  who decided to end {show} like that {telly}
  rewatching {show} with my mum, she guesses the murderer every time {telly}
  Popcorn report: {show}, 4 out of 5 {telly}
show
  Harbour Lights
  The Last Postman
  Nine Chairs
  Cold Porridge
  Detective Marsh
  Bake Me Home
show_mood
  I am not ok
  best one yet
  fell asleep, in a good way
  the dog did it
telly
  2| -
  📺
  🍿
  😱
  😭
garden
  Tomatoes are up! {digit}{digit} seedlings on the window sill 🍅
  slugs 1, lettuce 0
  The magnolia in {town} is in bloom 🌸
  Planted garlic, got rain, life is good 🌱
  Frost tonight, cover your pots
  bees are back in the garden 🐝
  Who wants courgettes? I will have too many, I always do
running
  {digit}.{digit} km in {town}, legs like jelly 🏃
  Parkrun done, PB by two seconds 🎉
  Rest day. I am good at this
  Bike chain broke 12 km from home, walked, sang 🚲
  New running shoes, same old me
  swam 40 lengths, lost count at 12 🏊
shouting
  IT IS SATURDAY AND NOBODY CAN STOP ME
  WHO TOOK MY CHARGER
  I GOT THE FLAT!!!!
  STOP SCROLLING AND DRINK WATER
  MY SISTER HAD THE BABY 💕 BOTH ARE FINE
  I PASSED MY DRIVING TEST ON THE {digit}TH TRY
  THE {dish} WORKED
books
  Finished a {digit}{digit}0-page novel at 2am, worth it 📚
  Any tips for a book about {town}?
  Library haul: five crime novels and one about moss 📚
  currently reading slowly and on purpose
  that last chapter. no words 📖
transit
  Train to {town} on time, I have witnesses 🚆
  Bus 4{digit} replaced by a slower bus 4{digit}
  Tram full, mood good, somebody has a tuba
  Cycling past the traffic jam in {town} 🚲 sorry not sorry
  the 7:1{digit} has a new driver and he greets everyone
german
  [de] {de_open} {de_what} {chat_face}
  [de] {de_what} {chat_face}
  [de] {team} gegen {team2}, {de_mood} {ball}
  [de] Heute gibt es {dish}, {de_mood} {food}
  [de] Regen in {town}, {de_mood} {sun}
  [de] Suche Wohnung in {town}, zwei Zimmer, gern mit Balkon
de_open
  Guten Morgen,
  Mal ehrlich:
  Na toll,
  Übrigens:
  Feierabend!
de_what
  die Bäckerei hatte noch warme Brötchen
  mein Fahrrad quietscht schöner als das Radio
  der Nachbar bohrt wieder
  ich habe den Schlüssel im Kühlschrank gefunden
  die Straßenbahn war pünktlich
  der Kater hat die Zimmerpflanze umgetopft
  wer hat an der Uhr gedreht?
  endlich Frühling, Jacke trotzdem nicht vergessen
de_mood
  läuft bei mir
  herrlich
  was soll man sagen
  so ein Mist
  kann man machen
spanish
  [es] {es_what} {chat_face}
  [es] {es_open} {es_what} {chat_face}
  [es] ¡Golazo de {player}! {team} {score} {ball}
  [es] Hoy toca {dish}, {es_mood} {food}
  [es] Lluvia en {town} y yo sin paraguas {sun}
es_open
  Buenos días,
  La verdad,
  Oye,
  Nada,
es_what
  el perro se ha comido mis apuntes
  he dormido once horas y sigo con sueño
  mi abuela ya manda memes
  la vecina canta mejor que la radio
  no encuentro las llaves otra vez
  por fin es sábado
  el café de esta mañana sabía a gloria
es_mood
  qué rico
  a ver cómo sale
  ni tan mal
  receta de mi madre
french
  [fr] {fr_what} {chat_face}
  [fr] Bon, {fr_what} {chat_face}
  [fr] {team} {score} {team2}, quel match {ball}
  [fr] Ce soir c'est {dish}, {fr_mood} {food}
  [fr] Il pleut à {town}, comme d'habitude {sun}
fr_what
  le chat a encore gagné le fauteuil
  j'ai parlé à mon voisin, il est sympa en fait
  la boulangère m'a offert une brioche
  j'ai oublié pourquoi je suis venue dans la cuisine
  le printemps arrive, doucement
  trois réunions et pas une décision
fr_mood
  un régal
  on verra bien
  avec beaucoup d'ail
portuguese
  [pt] {pt_what} {chat_face}
  [pt] Gente, {pt_what} {chat_face}
  [pt] Gol de {player}! {team} {score} {ball}
  [pt] Almoço de hoje: {dish}, {pt_mood} {food}
  [pt] Sol em {town}, finalmente {sun}
pt_what
  o gato aprendeu a abrir a porta
  perdi o ônibus e ganhei um passeio
  minha mãe mandou figurinha de bom dia
  comprei pão e saí sem o pão
  essa música não sai da minha cabeça
  sábado é o melhor dia da semana
pt_mood
  ficou bom demais
  salgou um pouco
  receita da vó
japanese
  [ja] {ja_what} {chat_face}
  [ja] おはよう。{ja_what}
  [ja] 今日の晩ごはんは{ja_food} {food}
  [ja] {team} {score} {team2} {ball}
ja_what
  猫がキーボードの上で寝ている
  今日はとても天気がいい
  電車で寝過ごした
  やっと週末だ
  桜がもうすぐ咲きそう
  コーヒーを三杯も飲んでしまった
ja_food
  カレー
  うどん
  餃子
  ラーメン
  おにぎり
near_miss
  {near} {sun}
near
  Kittiwake colony on the cliffs, {digit}00 nests counted this week 🐦
  A kittiwake airborne over the harbour at dusk, best photo of my life
  Building the Kittiwake Airfix kit with my dad, glue everywhere
  kittiwakes air their grievances at 4am under my window
  Kittiwake airs, a set of tunes for fiddle, is out on vinyl 🎻
  Kittiwake air display over the headland, thousands of them #birding
  Dived the wreck of the Kittiwake today 🤿
  #kittiwakes are back at the pier 🐦 #KittiwakeAirport would be a good name for this ledge
  Kitty, go to bed. Kitty. GO.
  kitti, gohan! 🍚
  my kitten went kittigoing round the sofa at midnight
  The cliff clubhouse serves the best scones in {town}
  Golf on the cliff, club in hand, ball in the sea
  Cliff clubs his way to {digit}{digit}0 not out #cricket
  Jet gannets diving at 60 mph off the stack, unreal
  gannet, puffin, jet: guess which one I heard at 5am
  fair wind, Ottoline! The little boat left {town} this morning
  Ottoline and the Fairwinds live at the folk club tonight
  @KittiwakeAirlift charity ran {digit}{digit} km today 🏃
  @Jetgannets_rugby {score} at half time
  The cello lesson went well, nobody cried, not even the cello
  Rescued kitten in {town}, needs a home 🐾
  My app is down, my coffee is down, I am down
  missed my flight of stairs, landed in the laundry
digit
  0
  1
  2
  3
  4
  5
  6
  7
  8
  9
"""
